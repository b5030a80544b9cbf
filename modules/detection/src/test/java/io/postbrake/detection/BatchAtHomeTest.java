package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A batch from the only place that an account ever used is held at most, once; a thief's is not. */
class BatchAtHomeTest {
    private static final String LISTS = "lists@example.com";
    private static final Instant T = Instant.parse("2026-03-20T10:00:00Z");
    private static final int DAY = 86_400;

    private final World world = new World().quick();
    private int messages;

    @Test
    void aListThatAnnouncesToThousandsOneByOneIsHeldOnce() {
        hasSent(50);

        announces(World.HOME, 2500, false);

        assertThat(world.puts).isNotEmpty().extracting(Block::getAction).containsOnly("hold");
        assertThat(world.puts)
                .extracting(Block::getBlockId)
                .containsOnly(world.puts.get(0).getBlockId());
        assertThat(world.alertStates().stream().filter("FIRING"::equals)).hasSize(1);
    }

    @Test
    void soIsOneWithASenderForEachRecipient() {
        hasSent(50);

        announces(World.HOME, 2500, true);

        assertThat(world.puts).isNotEmpty().extracting(Block::getAction).containsOnly("hold");
    }

    @Test
    void theSameFromElsewhereIsRefused() {
        hasSent(50);

        announces(World.BRAZIL, 300, false);

        assertThat(world.puts).extracting(Block::getAction).contains("reject");
    }

    @Test
    void oneWhoseMailComesBackIsNotHeldOnly() {
        hasSent(50);

        for (int i = 0; i < 2500; i++) {
            String id = sent(World.HOME, T.plusMillis(700L * i), LISTS);
            world.receives(world.event("delivery", T.plusMillis(700L * i))
                    .setQueueId(id)
                    .setTo("member" + i + "@example.net")
                    .setStatus(i % 2 == 0 ? "bounced" : "sent")
                    .setRelay("mx.example.net[192.0.2.99]:25"));
        }

        assertThat(world.puts).extracting(Block::getAction).contains("reject");
    }

    @Test
    void anAccountThatUsedAnotherPlaceBeforeIsNoMachine() {
        for (int day = 12; day >= 1; day--) {
            world.sends(LISTS, World.SPAIN, T.minusSeconds((long) day * DAY + 7200));
        }
        hasSent(50);

        announces(World.HOME, 2500, false);

        assertThat(world.puts).extracting(Block::getAction).contains("defer");
    }

    private void hasSent(int daily) {
        for (int day = 10; day >= 1; day--) {
            for (int i = 0; i < daily; i++) {
                sent(World.HOME, T.minusSeconds((long) day * DAY).plusSeconds(120L * i), LISTS);
            }
        }
    }

    private void announces(String from, int members, boolean verp) {
        for (int i = 0; i < members; i++) {
            sent(from, T.plusMillis(700L * i), verp ? "news+member" + i + "=example.net@lists.example.com" : LISTS);
        }
    }

    /** Accepted, or held while a block is in force, as a host does that has it. */
    private String sent(String ip, Instant at, String sender) {
        String id = "B" + ++messages;
        Block block = world.blockOf(LISTS);
        world.receives(world.event("client", at).setQueueId(id).setClientIp(ip).setSaslUsername(LISTS));
        world.receives(world.event(block == null ? "queued" : "held", at)
                .setQueueId(id)
                .setFrom(sender)
                .setBlockRef(block == null ? null : block.getReference())
                .setNrcpt(1L));
        return id;
    }
}
