import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binary.api.IBinaryStorageSvc;
import ca.uhn.fhir.jpa.binstore.MemoryBinaryStorageSvcImpl;
import ca.uhn.fhir.jpa.config.HapiJpaConfig;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import java.net.InetSocketAddress;
import java.util.Properties;
import javax.sql.DataSource;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.h2.jdbcx.JdbcConnectionPool;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/**
 * Hapi: HAPI FHIR JPA for R4 over an H2 database in memory, on a free port of this machine. Prints the base address
 * once it listens. References must lead somewhere, as is HAPI's usual. One type is missing on purpose.
 */
final class Hapi {
  private static final String MISSING = "NutritionOrder";

  private Hapi() {}

  public static void main(String[] arguments) throws Exception {
    var context = new AnnotationConfigApplicationContext();
    context.register(
        JpaR4Config.class, HapiJpaConfig.class, ThreadPoolFactoryConfig.class, JpaBatch2Config.class,
        Batch2JobsConfig.class, SubscriptionSubmitterConfig.class, SubscriptionChannelConfig.class);
    var pool = JdbcConnectionPool.create("jdbc:h2:mem:fhir;DB_CLOSE_DELAY=-1", "sa", "");
    pool.setMaxConnections(20);
    context.registerBean(DataSource.class, () -> pool);
    context.registerBean(JpaStorageSettings.class, Hapi::storage);
    context.registerBean(PartitionSettings.class);
    context.registerBean(SubscriptionSettings.class);
    context.registerBean("binaryStorageSvc", IBinaryStorageSvc.class, MemoryBinaryStorageSvcImpl::new);
    context.registerBean(
        "entityManagerFactory", LocalContainerEntityManagerFactoryBean.class, () -> entities(context, pool));
    context.registerBean(
        "transactionManager", JpaTransactionManager.class,
        () -> new JpaTransactionManager(context.getBean(EntityManagerFactory.class)));
    context.refresh();
    context.getBean(FhirContext.class).getParserOptions().setStripVersionsFromReferences(false);
    serve(context);
  }

  /** References may be absolute, and what is here is held by them all the same. */
  private static JpaStorageSettings storage() {
    var made = new JpaStorageSettings();
    made.setAllowExternalReferences(true);
    return made;
  }

  private static LocalContainerEntityManagerFactoryBean entities(
      AnnotationConfigApplicationContext context, DataSource pool) {
    var made = HapiEntityManagerFactoryUtil.newEntityManagerFactory(
        context.getBeanFactory(), context.getBean(FhirContext.class), context.getBean(JpaStorageSettings.class));
    var properties = new Properties();
    properties.put("hibernate.dialect", HapiFhirH2Dialect.class.getName());
    properties.put("hibernate.hbm2ddl.auto", "update");
    properties.put("hibernate.search.enabled", "false");
    made.setPersistenceUnitName("HAPI_PU");
    made.setDataSource(pool);
    made.setJpaProperties(properties);
    return made;
  }

  private static void serve(AnnotationConfigApplicationContext context) throws Exception {
    var fhir = new RestfulServer(context.getBean(FhirContext.class));
    for (Object each : context.getBean(ResourceProviderFactory.class).createProviders()) {
      if (each instanceof IResourceProvider provider
          && provider.getResourceType().getSimpleName().equals(MISSING)) continue;
      fhir.registerProvider(each);
    }
    fhir.registerProvider(context.getBean(JpaSystemProvider.class));
    fhir.setPagingProvider(context.getBean(DatabaseBackedPagingProvider.class));
    fhir.setServerConformanceProvider(new JpaCapabilityStatementProvider(
        fhir, context.getBean(IFhirSystemDao.class), context.getBean(JpaStorageSettings.class),
        context.getBean(ISearchParamRegistry.class), context.getBean(IValidationSupport.class)));
    var handler = new ServletContextHandler();
    handler.addServlet(new ServletHolder(fhir), "/fhir/*");
    var server = new Server(new InetSocketAddress("127.0.0.1", 0));
    server.setHandler(handler);
    server.start();
    System.out.println("http://127.0.0.1:" + server.getURI().getPort() + "/fhir");
    server.join();
  }
}
