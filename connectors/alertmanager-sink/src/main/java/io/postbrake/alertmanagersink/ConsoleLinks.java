package io.postbrake.alertmanagersink;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** What can be clicked in an alert: pages of the console, where people reach one. */
final class ConsoleLinks {

    static final String URL = "alerts.console.url";

    /** A name that makes a longer one is nobody's, and would have a whole message refused. */
    private static final int LONGEST = 1000;

    private final String baseOrNull;

    private ConsoleLinks(String baseOrNull) {
        this.baseOrNull = baseOrNull;
    }

    static ConfigDef define(ConfigDef d) {
        return d.define(
                URL,
                Type.STRING,
                "",
                Importance.MEDIUM,
                "Address at which people open the console: alerts link to its page of the account, and to its runbooks.");
    }

    static ConsoleLinks of(AbstractConfig c) {
        String text = c.getString(URL).strip();
        if (text.isEmpty()) {
            return new ConsoleLinks(null);
        }
        try {
            URI uri = URI.create(text);
            if (List.of("http", "https").contains(String.valueOf(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null) {
                return new ConsoleLinks(text.endsWith("/") ? text : text + "/");
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(URL, text, "is no address: " + e.getMessage());
        }
        throw new ConfigException(URL, text, "must be an address like https://console.example.net/");
    }

    /** Puts the page of the incident's subject into {@code console}, and makes an address of a runbook that is only a path. */
    void add(Map<String, Object> fields) {
        if (baseOrNull == null) {
            fields.put("console", null);
            return;
        }
        String type = String.valueOf(fields.get("subjectType"));
        String page = encoded(type + ":" + fields.get("subject"));
        fields.put(
                "console",
                type.equals("host")
                        ? baseOrNull + "#/hosts"
                        : type.equals("fleet") || page.length() > LONGEST
                                ? baseOrNull + "#/"
                                : baseOrNull + "#/subject/" + page);
        if (fields.get("runbook") instanceof String path && !path.matches("https?://.*")) {
            String name = path.substring(path.lastIndexOf('/') + 1).replaceFirst("\\.md$", "");
            fields.put("runbook", baseOrNull + "runbooks/" + encoded(name));
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
