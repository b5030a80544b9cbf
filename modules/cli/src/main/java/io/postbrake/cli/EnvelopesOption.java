package io.postbrake.cli;

import io.postbrake.postfixlog.envelope.Envelopes;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What stands around the lines of a log, as an option says it. */
final class EnvelopesOption implements ITypeConverter<Envelopes> {

    @Override
    public Envelopes convert(String text) {
        return of(text);
    }

    static Envelopes of(String text) {
        try {
            return Envelopes.of(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("envelopes is '" + text + "': " + e.getMessage());
        }
    }
}
