package io.postbrake.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of one command, from what the command says of itself to {@code --help}. */
final class ManualPage {

    private final CommandSpec spec;
    private final StringBuilder page = new StringBuilder();

    ManualPage(CommandSpec spec) {
        this.spec = spec;
    }

    /** In roff, with the macros of man(7). */
    String text() {
        String name = ManualPages.name(spec);
        page.append(".TH ")
                .append(roff(name.toUpperCase(Locale.ROOT)))
                .append(" 1 \"\" \"Postbrake ")
                .append(roff(version()))
                .append("\" \"Postbrake\"\n.nh\n.ad l\n");
        heading("NAME");
        page.append(roff(name)).append(" \\- ").append(roff(summary())).append('\n');
        heading("SYNOPSIS");
        paragraph(synopsis());
        heading("DESCRIPTION");
        Stream.of(spec.usageMessage().description()).map(ManualPage::plain).forEach(this::paragraph);
        arguments();
        options();
        commands();
        heading("EXIT STATUS");
        paragraph(
                "0: done, and all is well. 1: it failed, or what was asked about is not well. 2: the call or a file was wrong,"
                        + " and nothing was done. 3: nobody has heard of the subject. 4: recorded, but not every host confirmed it in time.");
        heading("FILES");
        item(
                "/etc/postbrake/postbrake.yaml",
                "Configuration of one mail server; agent.yaml and detector.yaml beside it those of a fleet.");
        item("/usr/share/doc/postbrake/", "README.md and docs/, among them install.md, settings.md and commands.md.");
        heading("SEE ALSO");
        paragraph(related());
        return page.toString();
    }

    private void arguments() {
        List<PositionalParamSpec> shown = spec.positionalParameters().stream()
                .filter(each -> !each.hidden())
                .toList();
        if (!shown.isEmpty()) {
            heading("ARGUMENTS");
            shown.forEach(each -> item(each.paramLabel(), description(each)));
        }
    }

    private void options() {
        List<OptionSpec> shown =
                spec.options().stream().filter(each -> !each.hidden()).toList();
        if (!shown.isEmpty()) {
            heading("OPTIONS");
            shown.forEach(each -> item(names(each), description(each)));
        }
    }

    private void commands() {
        List<CommandLine> shown = ManualPages.subcommands(spec);
        if (!shown.isEmpty()) {
            heading("COMMANDS");
            for (CommandLine sub : shown) {
                CommandSpec of = sub.getCommandSpec();
                item(of.name(), new ManualPage(of).summary() + " See " + ManualPages.name(of) + "(1).");
            }
        }
    }

    private String related() {
        Stream<CommandSpec> around = spec.parent() == null ? Stream.empty() : Stream.of(spec.parent());
        return Stream.concat(around, ManualPages.subcommands(spec).stream().map(CommandLine::getCommandSpec))
                .map(each -> ManualPages.name(each) + "(1)")
                .collect(Collectors.joining(", ", "", ", postconf(5), systemctl(1)"))
                .replaceFirst("^, ", "");
    }

    private static String names(OptionSpec option) {
        String label = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
        return String.join(", ", option.names()) + label;
    }

    /** The first sentence of what it does. */
    private String summary() {
        String all = plain(String.join(" ", spec.usageMessage().description()));
        return all.replaceFirst("(?s)([.:]) .*", "$1").replaceFirst("[.:]$", "");
    }

    private String synopsis() {
        String plain = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF)).synopsis(0);
        return plain.replaceAll("\\s+", " ").strip();
    }

    private String version() {
        String[] own = spec.root().version();
        return own.length == 0 ? "" : own[0];
    }

    private static String description(ArgSpec arg) {
        return plain(String.join(" ", arg.description()));
    }

    /** Without picocli's markup, and with what it fills in. */
    private static String plain(String text) {
        return Help.Ansi.OFF.string(String.format(text)).strip();
    }

    private void heading(String title) {
        page.append(".SH ").append(title).append('\n');
    }

    private void paragraph(String text) {
        page.append(".PP\n").append(line(text)).append('\n');
    }

    private void item(String term, String text) {
        page.append(".TP\n.B ")
                .append(roff(term))
                .append('\n')
                .append(line(text))
                .append('\n');
    }

    /** A line of text never begins with what roff takes for a request. */
    private static String line(String text) {
        String roff = roff(text.isEmpty() ? "-" : text);
        return roff.startsWith(".") || roff.startsWith("'") ? "\\&" + roff : roff;
    }

    private static String roff(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replace("\n", " ");
    }
}
