import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.hl7.fhir.utilities.npm.NpmPackage;

/** The resources of our published package, as any tool finds them: loaded as a FHIR package. */
final class Published {
  private Published() {}

  /** Text by file name, of the files whose names begin with one of these. */
  static Map<String, String> texts(Path packageFile, String... beginnings) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    try (InputStream in = Files.newInputStream(packageFile)) {
      NpmPackage held = NpmPackage.fromPackage(in);
      for (String name : held.list("package")) {
        for (String beginning : beginnings) {
          if (name.startsWith(beginning)) {
            texts.put(name, new String(held.load("package", name).readAllBytes(), StandardCharsets.UTF_8));
          }
        }
      }
    }
    return texts;
  }

  /** Our profile by the type of resource. */
  static Map<String, String> profiles(Path packageFile) throws IOException {
    Map<String, String> profiles = new HashMap<>();
    for (String text : texts(packageFile, "StructureDefinition-").values()) {
      JsonNode definition = new ObjectMapper().readTree(text);
      if (definition.path("kind").asText().equals("resource")) {
        profiles.put(definition.path("type").asText(), definition.path("url").asText());
      }
    }
    return profiles;
  }
}
