import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.ValidationSupportContext;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.r4.model.StructureDefinition;

/**
 * Snapshots FOLDER [write]: the snapshot of every profile of the folder, made by HL7's own generator from its
 * differential. Exit 1 when a file holds another one; with "write" the files are brought up to date instead.
 */
final class Snapshots {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Snapshots() {}

  public static void main(String[] arguments) throws IOException {
    boolean write = arguments.length > 1 && arguments[1].equals("write");
    FhirContext context = FhirContext.forR4Cached();
    ValidationSupportContext definitions = new ValidationSupportContext(new ValidationSupportChain(
        new DefaultProfileValidationSupport(context), new SnapshotGeneratingValidationSupport(context)));
    List<Path> files;
    try (Stream<Path> found = Files.list(Path.of(arguments[0]))) {
      files = found.filter(file -> file.getFileName().toString().startsWith("StructureDefinition-")).sorted().toList();
    }
    int stale = 0;
    for (Path file : files) {
      String before = Files.readString(file);
      String after = withSnapshot(before, context, definitions);
      if (after.equals(before)) continue;
      stale++;
      System.out.println(file + (write ? ": written" : ": its snapshot is not that of its differential; make snapshots"));
      if (write) Files.writeString(file, after);
    }
    System.exit(stale > 0 && !write ? 1 : 0);
  }

  private static String withSnapshot(String text, FhirContext context, ValidationSupportContext definitions) throws IOException {
    StructureDefinition profile = context.newJsonParser().parseResource(StructureDefinition.class, text);
    profile.setSnapshot(null);
    profile = (StructureDefinition) definitions.getRootValidationSupport()
        .generateSnapshot(definitions, profile, profile.getUrl(), null, profile.getName());
    ObjectNode made = (ObjectNode) JSON.readTree(context.newJsonParser().encodeResourceToString(profile));
    ObjectNode whole = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> one : JSON.readTree(text).properties()) {
      if (one.getKey().equals("snapshot")) continue;
      if (one.getKey().equals("differential")) whole.set("snapshot", made.get("snapshot"));
      whole.set(one.getKey(), one.getValue());
    }
    return JSON.writer(printer()).writeValueAsString(whole) + "\n";
  }

  /** As the other published files are written: two blanks, and one after a colon. */
  private static DefaultPrettyPrinter printer() {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter(
        Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER));
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    printer.indentArraysWith(indenter);
    printer.indentObjectsWith(indenter);
    return printer;
  }
}
