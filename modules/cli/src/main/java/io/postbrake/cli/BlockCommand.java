package io.postbrake.cli;

import io.postbrake.subject.BlockAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Blocks an account, an address or a network by an operator's word. */
@Command(
        name = "block",
        mixinStandardHelpOptions = true,
        description = "Block an account, a client address or a network.")
final class BlockCommand implements Callable<Integer> {

    @Mixin
    private WordOptions word;

    @Mixin
    private KnownOptions known;

    @ArgGroup
    private Length length;

    /** When it ends: one of the two. */
    static final class Length {
        static final Duration DEFAULT = Duration.ofDays(7);

        @Option(names = "--for", paramLabel = "DURATION", description = "Such as 4h or 30d; default 7d.")
        private Duration duration;

        @Option(names = "--until-unblocked", description = "It does not end by itself.")
        private boolean forGood;
    }

    /** As people write them. */
    static final class Actions extends ArrayList<String> implements ITypeConverter<BlockAction> {
        private static final long serialVersionUID = 1L;

        Actions() {
            super(BlockAction.words());
        }

        @Override
        public BlockAction convert(String word) {
            return BlockAction.of(word)
                    .orElseThrow(() -> new TypeConversionException(
                            "'" + word + "' is no action: give one of " + String.join(", ", this)));
        }
    }

    @Option(
            names = "--action",
            defaultValue = "reject",
            completionCandidates = Actions.class,
            converter = Actions.class,
            description = "${COMPLETION-CANDIDATES}; default reject.")
    private BlockAction action;

    @Override
    public Integer call() throws Exception {
        Duration lasts = length == null ? Length.DEFAULT : length.forGood ? null : length.duration;
        return word.sayOfKnown("block", action.word(), lasts, known);
    }
}
