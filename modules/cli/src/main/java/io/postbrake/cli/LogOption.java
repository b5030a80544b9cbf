package io.postbrake.cli;

import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.postfixlog.envelope.JournalRule;
import io.postbrake.replay.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Year;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * One log of a host, as {@code HOST=FILE[,zone=ZONE][,year=YEAR][,envelopes=NAMES]}.
 *
 * @param zone of stamps that have none; this machine's by default
 * @param year of the first stamp that has none; null takes the last one that is not ahead of the file's own time
 * @param envelopes what stands around the lines
 */
record LogOption(String host, Path file, ZoneId zone, Year year, Envelopes envelopes) {

    private static final Pattern LAST = Pattern.compile("(.+),(zone|year|envelopes)=([^,]*)");

    /** @param senders whose records count where a journal's stand in the log */
    LogSource open(JournalRule senders) throws IOException {
        return LogSource.file(file, zone, year, envelopes.believing(senders));
    }

    /** Reads the option's text. */
    static final class Converter implements ITypeConverter<LogOption> {
        @Override
        public LogOption convert(String text) {
            String rest = text;
            ZoneId zone = null;
            Year year = null;
            Envelopes envelopes = Envelopes.auto();
            for (Matcher m = LAST.matcher(rest); m.matches(); m = LAST.matcher(rest)) {
                if (m.group(2).equals("zone")) {
                    zone = zone(m.group(3));
                } else if (m.group(2).equals("envelopes")) {
                    envelopes = EnvelopesOption.of(m.group(3));
                } else {
                    year = year(m.group(3));
                }
                rest = m.group(1);
            }
            int equals = rest.indexOf('=');
            if (equals < 1 || equals == rest.length() - 1) {
                throw new TypeConversionException(
                        "'" + text
                                + "' is no log: give HOST=FILE[,zone=+02:00][,year=2026][,envelopes=docker-json], for example mx1=/var/log/mail.log");
            }
            Path file = Path.of(rest.substring(equals + 1));
            return new LogOption(
                    rest.substring(0, equals), file, zone == null ? ZoneId.systemDefault() : zone, year, envelopes);
        }

        private static ZoneId zone(String text) {
            try {
                return ZoneId.of(text);
            } catch (DateTimeException e) {
                throw new TypeConversionException(
                        "zone is '" + text + "': give an offset such as +02:00 or a name such as Europe/Berlin");
            }
        }

        private static Year year(String text) {
            if (!text.matches("[12][0-9]{3}")) {
                throw new TypeConversionException("year is '" + text + "': give four digits, for example 2026");
            }
            return Year.of(Integer.parseInt(text));
        }
    }
}
