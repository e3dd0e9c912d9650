import ca.uhn.fhir.context.FhirVersionEnum;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Check PACKAGE ANSWERS [MORE...]: every JSON file below the folders through HL7's own validator. A folder named r4,
 * r4b or r5 on the way to a file says its version; without one it is r4. A Bundle is validated whole, and each
 * resource of an answer is held to our profile of its type whether it claims it or not. Prints each error as
 * "file  place  validator: message", then counts. Exit 1 on any error, 2 when nothing was there to check.
 */
final class Check {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> NO_RESOURCES = List.of("package.json", ".index.json");

  /** -Dwarnings=true prints warnings too. */
  private static final boolean WARNINGS = Boolean.getBoolean("warnings");

  private final Map<FhirVersionEnum, Validator> validators = new EnumMap<>(FhirVersionEnum.class);
  private final Map<String, String> profiles;
  private final Path packageFile;
  private final Map<String, LongAdder> resources = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> kinds = new ConcurrentHashMap<>();

  private Check(Path packageFile) throws IOException {
    this.packageFile = packageFile;
    this.profiles = Published.profiles(packageFile);
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 2) {
      System.err.println("usage: Check PACKAGE ANSWERS [MORE...]");
      System.exit(2);
    }
    Check check = new Check(Path.of(arguments[0]));
    long before = System.nanoTime();
    int answers = check.folder(Path.of(arguments[1]), true);
    int others = 0;
    for (int index = 2; index < arguments.length; index++) others += check.folder(Path.of(arguments[index]), false);
    long errors = check.tell(answers, others, (System.nanoTime() - before) / 1_000_000);
    System.exit(errors > 0 ? 1 : answers == 0 ? 2 : 0);
  }

  private int folder(Path folder, boolean answered) throws IOException {
    if (!Files.isDirectory(folder)) return 0;
    List<Path> files;
    try (Stream<Path> found = Files.walk(folder)) {
      files = found.filter(Check::isResource).sorted().toList();
    }
    for (Path file : files) validators.computeIfAbsent(versionOf(file), this::validator);
    files.parallelStream().map(file -> one(file, answered)).forEachOrdered(System.out::print);
    return files.size();
  }

  private static boolean isResource(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".json") && !NO_RESOURCES.contains(name);
  }

  static FhirVersionEnum versionOf(Path file) {
    for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
      switch (String.valueOf(folder.getFileName())) {
        case "r4": return FhirVersionEnum.R4;
        case "r4b": return FhirVersionEnum.R4B;
        case "r5": return FhirVersionEnum.R5;
        default:
      }
    }
    return FhirVersionEnum.R4;
  }

  private Validator validator(FhirVersionEnum version) {
    try {
      return new Validator(version, packageFile);
    } catch (IOException error) {
      throw new IllegalStateException(packageFile + " is no FHIR package", error);
    }
  }

  private String one(Path file, boolean answered) {
    StringBuilder said = new StringBuilder();
    FhirVersionEnum version = versionOf(file);
    try {
      JsonNode content = JSON.readTree(file.toFile());
      count(content, version, answered);
      for (SingleValidationMessage message : validators.get(version).check(JSON.writeValueAsString(content))) {
        boolean error = message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal();
        String kind = (error ? "error " : message.getSeverity().getCode() + " ") + kindOf(message);
        kinds.computeIfAbsent(kind, key -> new LongAdder()).increment();
        if (error || WARNINGS && message.getSeverity() == ResultSeverityEnum.WARNING) said.append(line(file, message.getLocationString(), message.getMessage()));
      }
    } catch (IOException broken) {
      kinds.computeIfAbsent("error no JSON", key -> new LongAdder()).increment();
      said.append(line(file, "-", "no JSON"));
    }
    return said.toString();
  }

  /** The validator names most kinds; of the others the words before the first quoted name tell. */
  private static String kindOf(SingleValidationMessage message) {
    return message.getMessageId() != null ? message.getMessageId() : message.getMessage().split(" ?['(:]", 2)[0];
  }

  private static String line(Path file, String place, String message) {
    return file + "  " + place + "  validator: " + message + "\n";
  }

  /** Counts the resource and those inside; in an answer it gives each the profile it is held to. */
  private void count(JsonNode resource, FhirVersionEnum version, boolean answered) {
    String type = resource.path("resourceType").asText("none");
    resources.computeIfAbsent(version + " " + type, key -> new LongAdder()).increment();
    String profile = version == FhirVersionEnum.R5 ? null : profiles.get(type);
    if (answered && profile != null) claim((ObjectNode) resource, profile);
    for (JsonNode entry : resource.path("entry")) {
      if (entry.has("resource")) count(entry.get("resource"), version, answered);
    }
  }

  static void claim(ObjectNode resource, String profile) {
    var claimed = resource.withObject("/meta").withArray("/profile");
    for (JsonNode one : claimed) if (one.asText().equals(profile)) return;
    claimed.add(profile);
  }

  private long tell(int answers, int others, long milliseconds) {
    table("resources", resources);
    table("what was said", kinds);
    long checked = resources.values().stream().mapToLong(LongAdder::sum).sum();
    long errors = kinds.entrySet().stream().filter(kind -> kind.getKey().startsWith("error"))
        .mapToLong(kind -> kind.getValue().sum()).sum();
    System.out.printf("%n%d answers, %d published files: %d resources, HL7's validator, %d errors, %d s%n",
        answers, others, checked, errors, milliseconds / 1000);
    if (answers == 0) System.out.println("no answers were there to check");
    return errors;
  }

  private static void table(String title, Map<String, LongAdder> rows) {
    System.out.println("\n" + title);
    new TreeMap<>(rows).forEach((key, number) -> System.out.printf("  %-90s%9d%n", key, number.sum()));
  }
}
