"""Words of sigs: those that cannot change a dose, and those that say the dose changes over time."""

from __future__ import annotations

import re

_HARMLESS = """
take takes taking taken be these give given administer swallow use drink infuse deliver prendre nehmen einnehmen
tablet tablets tab tbl capsule capsules solution suspension liquid packet granules comprimé comprime by mouth oral
orally po per os via through the in into on of at with a an and to und et mit vor nach ng peg gtube
tube feeding gastrostomy nasogastric g j route enteral enterally food meal meals milk water glass
full mahlzeiten mahlzeit zu repas pendant before after während dem den for pour gegen bei muscle
muscles spasm spasms spasticity stiffness pain cramp cramps cramping tightness relaxation back neck
leg legs restless rib fever nausea headache headaches anxiety insomnia hiccups spasmes spastik relaxant
baclofen lioresal gablofen ozobax fleqsuvy lyvispah whole
crushed chewed dose doses scheduled regular normal print sample phone historical med home medication
intrathecal intrathecally intraspinal it itb pump pumps spinal simple continuous continuously
infusion flex mode programmed programme program reservoir refill fill filling daily total bolus test
trial screening single lumbar puncture over injection drug drugs day time
"""
HARMLESS = frozenset(_HARMLESS.split())

CHANGES = re.compile(
    r"\b(?:then|thereafter|afterwards?|followed|increas\w*|decreas\w*|reduc\w*|titrat\w*|taper\w*|wean\w*|alternat\w*"
    r"|(?<!every )(?:week|day) \d|days? \d+\s*(?:-|to)|except|skip\w*|unless|extra|additional\w*|hold|stop\w*"
    r"|discontinu\w*"
    r"|puis|ensuite|augment\w*|diminu\w*|dann|danach|steiger\w*|reduzier\w*|ausschleich\w*|erhöh\w*"
    r"|mon(?:days?)?|tue(?:s|sdays?)?|wed(?:nesdays?)?|thu(?:rs|rsdays?)?|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?"
    r"|(?:first|last|next|initial\w*|loading)|from \d+(?:\.\d+)? ?m?c?g)\b"
)
