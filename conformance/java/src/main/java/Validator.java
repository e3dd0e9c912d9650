import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.FhirVersionEnum;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/** HL7's validator for one version of FHIR, with that version's definitions and our package; nothing is fetched. */
final class Validator {
  private final FhirValidator validator;

  Validator(FhirVersionEnum version, Path packageFile) throws IOException {
    FhirContext context = FhirContext.forCached(version);
    UnknownCodeSystemWarningValidationSupport unknown = new UnknownCodeSystemWarningValidationSupport(context);
    unknown.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
    FhirInstanceValidator module = new FhirInstanceValidator(new ValidationSupportChain(
        published(context, packageFile),
        new DefaultProfileValidationSupport(context),
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context),
        unknown,
        new SnapshotGeneratingValidationSupport(context)));
    module.setAnyExtensionsAllowed(true);
    module.setValidatorResourceFetcher(new Named());
    module.setValidatorPolicyAdvisor(new Named.ByType());
    validator = new FhirValidator(context).registerValidatorModule(module);
  }

  private static PrePopulatedValidationSupport published(FhirContext context, Path file) throws IOException {
    PrePopulatedValidationSupport support = new PrePopulatedValidationSupport(context);
    // Our profiles rest on R4; R5 has other elements, there only our codes are known.
    String[] wanted = context.getVersion().getVersion() == FhirVersionEnum.R5
        ? new String[] {"CodeSystem-", "ValueSet-"}
        : new String[] {"CodeSystem-", "ValueSet-", "StructureDefinition-"};
    for (String text : Published.texts(file, wanted).values()) {
      support.addResource(context.newJsonParser().parseResource(text));
    }
    return support;
  }

  List<SingleValidationMessage> check(String text) {
    return validator.validateWithResult(text).getMessages();
  }
}
