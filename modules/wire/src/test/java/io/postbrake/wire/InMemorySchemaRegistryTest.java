package io.postbrake.wire;

class InMemorySchemaRegistryTest extends RegistryContract {
    private final SchemaRegistry registry = new InMemorySchemaRegistry();

    @Override
    SchemaRegistry registry() {
        return registry;
    }
}
