package io.postbrake.cli.doctor;

import io.postbrake.cli.postfix.PostfixState;
import io.postbrake.cli.postfix.PostfixState.Remark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Whether there are tables, and whether Postfix asks them as it must. */
final class PostfixLook {

    private static final String MAP = "map";
    private static final String POSTFIX = "postfix";

    private PostfixLook() {}

    static List<Symptom> of(Installation there) {
        if (there.kind().equals("detector")) {
            return List.of();
        }
        if (there.map() == null) {
            return List.of(Symptom.warn(
                    MAP,
                    "none is configured: Postbrake only watches, nobody is refused",
                    "nothing, while you watch; then give `map`, restart, and follow `postbrake postfix print`"));
        }
        PostfixState state;
        try {
            state = PostfixState.of(there.postfix(), there.map());
        } catch (IOException | IllegalArgumentException e) {
            return List.of(Symptom.fail(
                    POSTFIX,
                    there.postfix() + " cannot be asked: " + e.getMessage(),
                    "`postfix: DIR` says where its configuration is; `postconf` must be on this machine"));
        }
        List<Symptom> found = new ArrayList<>();
        found.add(
                state.missing().isEmpty()
                        ? Symptom.ok(MAP, there.map() + " and the tables beside it are there")
                        : Symptom.fail(
                                MAP,
                                state.missing() + " not there; if Postfix asks for one, everybody is answered 451",
                                "start " + there.unit() + ", which makes them"));
        for (Remark remark : state.flaws()) {
            if (!remark.isNote()) {
                found.add(Symptom.fail(POSTFIX, remark.where() + ": " + remark.what(), remark.then()));
            }
        }
        if (state.logins().isEmpty()) {
            found.add(Symptom.fail(
                    POSTFIX,
                    "no smtpd service of " + there.postfix() + " takes logins: no account can be refused here",
                    "run this where the submission service is"));
        } else if (state.enforced()) {
            long notes = state.flaws().stream().filter(Remark::isNote).count();
            found.add(Symptom.ok(
                    POSTFIX,
                    "blocks are enforced by " + String.join(", ", state.logins())
                            + (notes == 0 ? "" : "; `postbrake postfix check` has " + notes + " notes")));
        }
        return found;
    }
}
