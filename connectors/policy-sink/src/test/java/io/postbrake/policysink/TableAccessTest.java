package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody but the owner and Postfix can open a table, for whoever can read it can hold its lock. */
class TableAccessTest {

    @TempDir
    private Path dir;

    private Path map;

    @BeforeEach
    void everybodyMayLookIntoTheDirectory() throws IOException {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        map = dir.resolve("blocks.lmdb");
    }

    @Test
    void aNewMapIsNobodyElses() throws IOException {
        try (PolicyMap table = PolicyMap.open(map, 1 << 20)) {
            table.rebuild(to -> {});

            assertClosed(map);
            assertClosed(dir.resolve("blocks.lmdb.owner"));
        }
    }

    @Test
    void aMapOfAnEarlierVersionIsClosedWhenItIsOpened() throws IOException {
        try (PolicyMap table = PolicyMap.open(map, 1 << 20)) {
            table.rebuild(to -> {});
        }
        Files.setPosixFilePermissions(map, PosixFilePermissions.fromString("rw-r--r--"));

        try (PolicyMap table = PolicyMap.open(map, 1 << 20)) {
            table.apply(Map.of("bob", new Entry("REJECT", Entry.NEVER)));

            assertClosed(map);
            assertThat(table.get("bob")).isEqualTo("REJECT");
            assertThat(table.lockFailures()).isZero();
        }
    }

    @Test
    void rangesAreTheSame() throws IOException {
        Path ranges = dir.resolve("blocks-ranges.cidr");

        CidrFile.open(ranges).rebuild(to -> to.accept("192.0.2.0/25", new Entry("REJECT", Entry.NEVER)));

        assertClosed(ranges);
    }

    @Test
    void anotherUserOfTheMachineCannotHoldTheLock() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root may become another user");
        try (PolicyMap table = PolicyMap.open(map, 1 << 20)) {
            table.rebuild(to -> {});
            Files.setPosixFilePermissions(map, PosixFilePermissions.fromString("rw-r--r--"));
            Assumptions.assumeTrue(opensAsNobody(), "the directory is closed to others");
            TableAccess.settle(map);

            assertThat(opensAsNobody()).isFalse();
        }
    }

    private boolean opensAsNobody() throws IOException {
        return PostfixCommands.output(
                                List.of("setpriv", "--reuid=65534", "--clear-groups", "dd", "if=" + map, "count=0"), "")
                        .status()
                == 0;
    }

    private static void assertClosed(Path file) throws IOException {
        var attributes = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String mode = PosixFilePermissions.toString(attributes.permissions());
        assertThat(mode).isIn("rw-r-----", "rw-------");
        assertThat(mode.equals("rw-r-----"))
                .isEqualTo(attributes.group().getName().equals("postfix"));
    }
}
