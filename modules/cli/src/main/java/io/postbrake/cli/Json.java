package io.postbrake.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** Records as programs read them: the schemas' own names, times in ISO 8601. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static Map<String, Object> of(SpecificRecord record) {
        Map<String, Object> result = new LinkedHashMap<>();
        for (Schema.Field field : record.getSchema().getFields()) {
            result.put(field.name(), plain(record.get(field.pos())));
        }
        return result;
    }

    static List<Object> of(Collection<? extends SpecificRecord> records) {
        List<Object> result = new ArrayList<>();
        records.forEach(record -> result.add(of(record)));
        return result;
    }

    static void print(PrintWriter out, Object value) {
        try {
            out.println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        out.flush();
    }

    /** The same without fields that are null, at any depth. */
    static Object withoutNulls(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> result = new LinkedHashMap<>();
            map.forEach((name, of) -> {
                if (of != null) {
                    result.put(name.toString(), withoutNulls(of));
                }
            });
            return result;
        }
        return value instanceof List<?> list
                ? list.stream().map(Json::withoutNulls).toList()
                : value;
    }

    private static Object plain(Object value) {
        if (value instanceof SpecificRecord record) {
            return of(record);
        }
        if (value instanceof List<?> list) {
            List<Object> result = new ArrayList<>();
            list.forEach(item -> result.add(plain(item)));
            return result;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> result = new LinkedHashMap<>();
            map.forEach((name, of) -> result.put(name.toString(), plain(of)));
            return result;
        }
        return value == null || value instanceof Number || value instanceof Boolean ? value : value.toString();
    }
}
