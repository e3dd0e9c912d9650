import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.common.hapi.validation.validator.FhirDefaultPolicyAdvisor;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.Manager;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.model.StructureDefinition;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;

/**
 * The resource a reference names, as far as the name says: its type. The validator looks at the type of a reference
 * only when it is handed what is referred to; an empty resource of that type is enough for it, and nothing is fetched.
 */
final class Named implements IValidatorResourceFetcher {
  private static final Pattern REFERENCE = Pattern.compile("(?:^|.*/)([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/.+)?");

  /** Of what lies outside the file, only the type is checked; what is inside it is always validated. */
  static final class ByType extends FhirDefaultPolicyAdvisor {
    @Override
    public ReferenceValidationPolicy policyForReference(
        IResourceValidator validator, Object context, String path, String url, ReferenceDestinationType destination) {
      return ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS;
    }
  }

  @Override
  public Element fetch(IResourceValidator validator, Object context, String reference) {
    Matcher named = REFERENCE.matcher(reference);
    if (!named.matches()) return null;
    StructureDefinition definition = validator.getContext().fetchTypeDefinition(named.group(1));
    return definition == null ? null : Manager.build(validator.getContext(), definition);
  }

  @Override
  public boolean resolveURL(
      IResourceValidator validator, Object context, String path, String url, String type, boolean canonical, List<CanonicalType> targets) {
    return true;
  }

  @Override
  public byte[] fetchRaw(IResourceValidator validator, String url) {
    return null;
  }

  @Override
  public IValidatorResourceFetcher setLocale(Locale locale) {
    return this;
  }

  @Override
  public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object context, String url) {
    return null;
  }

  @Override
  public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
    return false;
  }

  @Override
  public Set<ResourceVersionInformation> fetchCanonicalResourceVersions(IResourceValidator validator, Object context, String url) {
    return Set.of();
  }
}
