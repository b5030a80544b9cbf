package io.postbrake.alertmanagersink;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Mustache templates whose values are escaped as the content needs; a name that does not exist fails. */
final class Templates {

    private Templates() {}

    static Template body(String text, String contentType) {
        return compiler(escaper(contentType)).compile(text);
    }

    /** Of ours, whose values are escaped as its service needs. */
    static Template of(String text, Mustache.Escaper escaper) {
        return compiler(escaper).compile(text);
    }

    static Template url(String text) {
        return compiler(Templates::urlEncoded).compile(text);
    }

    static String render(Template template, Incident incident, String secret) {
        Map<String, Object> context = new HashMap<>(incident.fields());
        context.put("secret", secret);
        return template.execute(context);
    }

    private static Mustache.Compiler compiler(Mustache.Escaper escaper) {
        return Mustache.compiler()
                .withEscaper(escaper)
                .nullValue("")
                .strictSections(true)
                .emptyStringIsFalse(true);
    }

    private static Mustache.Escaper escaper(String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        if (type.contains("json")) {
            return raw -> new String(JsonStringEncoder.getInstance().quoteAsString(raw));
        }
        if (type.contains("form-urlencoded")) {
            return Templates::urlEncoded;
        }
        return type.contains("xml") || type.contains("html") ? Escapers.HTML : Escapers.NONE;
    }

    private static String urlEncoded(String raw) {
        return URLEncoder.encode(raw, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
