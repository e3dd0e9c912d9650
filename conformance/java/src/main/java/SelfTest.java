import ca.uhn.fhir.context.FhirVersionEnum;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * SelfTest PACKAGE FIXTURES: can the validator fail at all? The column "validator" of expected.csv says which altered
 * resource it must complain about: every one that is not valid, and two that are but name what does not exist. R4B must
 * say the same of each; what is valid in R4 is not in R5. Prints what it caught; exit 1 when it says anything else.
 */
final class SelfTest {
  private SelfTest() {}

  public static void main(String[] arguments) throws IOException {
    Path packageFile = Path.of(arguments[0]);
    Path fixtures = Path.of(arguments[1]);
    Validator validator = new Validator(FhirVersionEnum.R4, packageFile);
    Validator r4b = new Validator(FhirVersionEnum.R4B, packageFile);
    Validator r5 = new Validator(FhirVersionEnum.R5, packageFile);
    List<String> lines = Files.readAllLines(fixtures.resolve("expected.csv"));
    List<String> header = List.of(lines.get(0).split(","));
    int bad = 0, caught = 0, wrong = 0;
    for (String line : lines.subList(1, lines.size())) {
      String[] row = line.split(",");
      String text = Files.readString(fixtures.resolve(row[0]));
      String said = fails(validator, text) ? "error" : "ok";
      boolean invalid = row[header.indexOf("valid")].equals("no");
      if (invalid) bad++;
      if (invalid && said.equals("error")) caught++;
      String expected = row[header.indexOf("validator")];
      wrong += unlike(expected, said, row[0] + " in R4");
      wrong += unlike(expected, fails(r4b, text) ? "error" : "ok", row[0] + " in R4B");
      if (row[0].contains("_00_")) wrong += unlike("error", fails(r5, text) ? "error" : "ok", row[0] + " in R5");
    }
    if (!holdsToProfile(validator, packageFile, fixtures)) {
      wrong++;
      System.out.println("our profile of DetectedIssue does not ask for the code of the rule");
    }
    System.out.printf("HL7's validator: %d of %d invalid fixtures caught, %d not as expected%n", caught, bad, wrong);
    System.exit(wrong > 0 ? 1 : 0);
  }

  private static int unlike(String expected, String said, String what) {
    if (said.equals(expected)) return 0;
    System.out.println(what + ": the validator says " + said);
    return 1;
  }

  private static boolean fails(Validator validator, String text) {
    return validator.check(text).stream().anyMatch(one -> one.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal());
  }

  /** The valid DetectedIssue breaks our profile until it has the code of a rule, and again with a code of no rule. */
  private static boolean holdsToProfile(Validator validator, Path packageFile, Path fixtures) throws IOException {
    ObjectNode issue = (ObjectNode) new ObjectMapper().readTree(fixtures.resolve("di_00_valid.json").toFile());
    Check.claim(issue, Published.profiles(packageFile).get("DetectedIssue"));
    boolean without = fails(validator, issue.toString());
    ObjectNode coding = issue.withObject("/code").withArray("/coding").addObject();
    coding.put("system", "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue").put("code", "BAC-RENAL-01");
    boolean with = fails(validator, issue.toString());
    coding.put("code", "BAC-NONE-99");
    return without && !with && fails(validator, issue.toString());
  }
}
