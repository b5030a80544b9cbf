package io.postbrake.app.console;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Link;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.AttributeProvider;
import org.commonmark.renderer.html.HtmlRenderer;

/** The pages of {@code docs/runbooks}, as pages of the console. */
final class Runbooks {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z-]*");
    private static final List<Extension> TABLES = List.of(TablesExtension.create());
    private static final AttributeProvider LINKS = (node, tag, attributes) -> {
        if (node instanceof Link) {
            attributes.computeIfPresent("href", (name, target) -> target.replaceFirst("^([a-z-]+)\\.md$", "$1"));
        }
    };

    private final Parser parser = Parser.builder().extensions(TABLES).build();
    private final HtmlRenderer renderer = HtmlRenderer.builder()
            .extensions(TABLES)
            .escapeHtml(true)
            .attributeProviderFactory(context -> LINKS)
            .build();

    /** A page by its name, such as {@code stolen-account}; null when there is none. */
    String page(String name) throws IOException {
        if (!NAME.matcher(name).matches()) {
            return null;
        }
        try (InputStream in = Runbooks.class.getResourceAsStream("/console/runbooks/" + name + ".md")) {
            if (in == null) {
                return null;
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return """
                    <!doctype html>
                    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
                    <meta name="color-scheme" content="light dark"><title>%s · Postbrake</title>
                    <link rel="icon" href="../icon.svg" type="image/svg+xml"><link rel="stylesheet" href="../console.css"></head>
                    <body><header><a class="brand" href="../#/"><img src="../icon.svg" alt="" width="26" height="26"> Postbrake</a></header>
                    <main class="runbook">%s</main></body></html>
                    """.formatted(name, renderer.render(parser.parse(text)));
        }
    }
}
