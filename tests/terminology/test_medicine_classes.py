"""Every medicine the interaction rules list lands in its class, by name and by code."""

from __future__ import annotations

import pytest

from baclofen_safety.core import classes
from baclofen_safety.terminology.lookup import Terminology
from baclofen_safety.terminology.rows import Tables

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"

MEMBERS: dict[str, tuple[classes.Class, str]] = {
    "opioid": (
        classes.OPIOIDS,
        "codeine, dihydrocodeine, hydrocodone, oxycodone, morphine, hydromorphone, oxymorphone, fentanyl, sufentanil,"
        " remifentanil, methadone, buprenorphine, tramadol, tapentadol, meperidine, pethidine, levorphanol,"
        " butorphanol, nalbuphine, pentazocine, diamorphine, co-codamol, Tylenol #3, Nurofen Plus, Oramorph",
    ),
    "benzodiazepine": (
        classes.BENZOS,
        "diazepam, lorazepam, clonazepam, alprazolam, temazepam, oxazepam, midazolam, chlordiazepoxide, clorazepate,"
        " clobazam, nitrazepam, triazolam, estazolam",
    ),
    "hypnotic": (
        classes.HYPNOTICS,
        "zolpidem, zopiclone, eszopiclone, zaleplon, suvorexant, lemborexant, daridorexant, chloral hydrate",
    ),
    "gabapentinoid": (classes.GABAPENTINOIDS, "gabapentin, pregabalin, mirogabalin, gabapentin enacarbil"),
    "barbiturate": (classes.BARBITURATES, "phenobarbital, primidone, butalbital, secobarbital, thiopental"),
    "oxybate": (classes.OXYBATES, "sodium oxybate, calcium oxybate, magnesium oxybate, GHB, Xywav"),
    "antipsychotic": (
        classes.ANTIPSYCHOTICS,
        "quetiapine, olanzapine, risperidone, haloperidol, clozapine, aripiprazole, chlorpromazine, ziprasidone,"
        " paliperidone, lurasidone, sulpiride, levomepromazine, prochlorperazine, pimavanserin",
    ),
    "antihistamine": (
        classes.ANTIHISTAMINES,
        "diphenhydramine, chlorphenamine, brompheniramine, doxylamine, hydroxyzine, promethazine, cyproheptadine,"
        " dimenhydrinate, meclizine, cyclizine, clemastine, triprolidine, alimemazine, Advil PM, NyQuil, Piriton",
    ),
    "tricyclic": (
        classes.TRICYCLICS,
        "amitriptyline, nortriptyline, imipramine, clomipramine, doxepin, desipramine, trimipramine",
    ),
    "maoi": (
        classes.MAOIS,
        "phenelzine, tranylcypromine, isocarboxazid, moclobemide, selegiline, rasagiline, safinamide, linezolid,"
        " methylene blue",
    ),
    "lithium": (classes.LITHIUM, "lithium, lithium carbonate, lithium citrate, Priadel"),
    "levodopa": (classes.LEVODOPA, "levodopa, carbidopa/levodopa, co-careldopa, co-beneldopa, Madopar, Duodopa"),
    "antihypertensive": (
        classes.ANTIHYPERTENSIVES,
        "clonidine, tizanidine, guanfacine, methyldopa, lisinopril, losartan, aliskiren, hydrochlorothiazide,"
        " furosemide, spironolactone, metoprolol, amlodipine, diltiazem, doxazosin, tamsulosin, hydralazine, minoxidil,"
        " nitroglycerin, glyceryl trinitrate, isosorbide mononitrate, co-amilozide, co-tenidone",
    ),
    "kidney risk": (
        (*classes.NSAIDS, *classes.ACE_OR_ARB, *classes.DIURETICS, "med-nephrotoxic-other", "med-iv-contrast"),
        "ibuprofen, naproxen, diclofenac, ketorolac, celecoxib, lisinopril, valsartan, sacubitril, furosemide,"
        " gentamicin, vancomycin, amphotericin b, colistin, foscarnet, cisplatin, ciclosporin, tacrolimus, voclosporin,"
        " tenofovir disoproxil, iohexol, co-amilofruse",
    ),
    "kidney toxin": (
        classes.KIDNEY_TOXINS,
        "gentamicin, tobramycin, amikacin, amphotericin b, AmBisome, colistin, colistimethate sodium, foscarnet,"
        " cisplatin",
    ),
    "relaxant": (
        classes.RELAXANTS,
        "tizanidine, cyclobenzaprine, carisoprodol, methocarbamol, metaxalone, chlorzoxazone, orphenadrine, dantrolene,"
        " tolperisone, thiocolchicoside, eperisone",
    ),
    "other sedative": (
        classes.OTHER_CNS,
        "trazodone, mirtazapine, phenytoin, carbamazepine, valproate, levetiracetam, topiramate, lamotrigine,"
        " cannabidiol, dronabinol, nabilone, cannabis, clonidine, dexmedetomidine, scopolamine, hyoscine hydrobromide",
    ),
    "counted": (
        classes.CNS_ACTIVE,
        "sertraline, fluoxetine, citalopram, venlafaxine, duloxetine, bupropion, vortioxetine, trazodone, mirtazapine,"
        " phenelzine, esketamine, phenytoin, primidone, gabapentin, quetiapine, lorazepam, zolpidem, oxycodone,"
        " tizanidine, amitriptyline",
    ),
    "magnesium sulfate": (("med-magnesium-sulfate",), "magnesium sulfate, magnesium sulphate"),
    "calcineurin inhibitor": (("med-calcineurin-inhibitor",), "ciclosporin, tacrolimus, voclosporin"),
}
OUTSIDE: dict[str, tuple[classes.Class, str]] = {
    "opioid": (classes.OPIOIDS, "loperamide, naloxone, naltrexone"),
    "hypnotic": (classes.HYPNOTICS, "melatonin, ramelteon"),
    "antihistamine": (classes.ANTIHISTAMINES, "loratadine, cetirizine, fexofenadine"),
    "levodopa": (classes.LEVODOPA, "entacapone, carbidopa"),
    "relaxant": (classes.RELAXANTS, "botulinum toxin, baclofen"),
    "other sedative": (classes.OTHER_CNS, "hyoscine butylbromide, Buscopan"),
    "counted": (classes.CNS_ACTIVE, "linezolid, methylene blue, lithium, suvorexant"),
    "magnesium sulfate": (("med-magnesium-sulfate",), "magnesium oxide, magnesium citrate"),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_members_are_found_by_name_and_by_code(terms: Terminology, name: str) -> None:
    wanted, members = set(MEMBERS[name][0]), MEMBERS[name][1].split(", ")
    assert not [one for one in members if not wanted & terms.medicine([], one).concepts]
    found = {
        part for one in members for part, concepts in terms.medicine([], one).parts if wanted & concepts
    }  # a brand of two drugs may hold one that is no member
    tables = Tables()
    codes = [(RXNORM, code) for one, code in tables.rows("med_ingredients", "ingredient", "rxnorm_in") if one in found]
    rows = tables.rows("med_ingredient_atc", "ingredient", "atc", "use")
    codes += [(ATC, code) for one, code, use in rows if one in found and use == "systemic"]
    assert not [code for code in codes if code[1] and not wanted & terms.medicine([(*code, "")], "").concepts]


@pytest.mark.parametrize("name", OUTSIDE)
def test_others_stay_outside(terms: Terminology, name: str) -> None:
    wanted, others = set(OUTSIDE[name][0]), OUTSIDE[name][1].split(", ")
    assert not [one for one in others if wanted & terms.medicine([], one).concepts]


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("gentamicin ear drops", "route-topical"),
        ("neomycin/polymyxin B/hydrocortisone otic", "route-topical"),
        ("tobramycin ophthalmic", "route-ophthalmic"),
        ("brimonidine eye drops", "route-ophthalmic"),
        ("gentamicin irrigation", "route-topical"),
        ("gentamicin 80 mg injection", None),
    ],
)
def test_words_of_eye_and_ear_say_a_local_route(terms: Terminology, text: str, route: str | None) -> None:
    assert terms.medicine([], text).product_route == route


@pytest.mark.parametrize(
    ("atc", "route"),
    [
        ("S02AA11", "route-topical"),
        ("S03AA03", "route-topical"),
        ("S01AA12", "route-ophthalmic"),
        ("A07AA10", "route-oral"),
        ("A01AB08", "route-topical"),
        ("J01XB01", None),
    ],
)
def test_local_uses_of_atc_say_a_local_route(terms: Terminology, atc: str, route: str | None) -> None:
    assert terms.medicine([(ATC, atc, "")], "").product_route == route
