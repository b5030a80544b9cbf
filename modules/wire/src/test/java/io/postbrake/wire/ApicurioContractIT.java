package io.postbrake.wire;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class ApicurioContractIT extends RegistryContract {
    private static ConfluentSchemaRegistry client;

    @BeforeAll
    static void connect() {
        client = ConfluentSchemaRegistry.connect(Apicurio.url(), Map.of());
    }

    @AfterAll
    static void close() throws Exception {
        client.close();
    }

    @Override
    SchemaRegistry registry() {
        return client;
    }
}
