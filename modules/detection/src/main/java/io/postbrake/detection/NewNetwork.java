package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An operator's network that the account did not send from before. It weighs by how strange it is, and it is told to the
 * fleet, which knows whether many send from there, and to the neighbourhood of the address, which knows who else began to.
 */
record NewNetwork() implements Detector {
    static final String ID = "new-network";
    private static final double LEAST = 1.5;

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String family() {
        return UnfamiliarSending.FAMILY;
    }

    @Override
    public Optional<Finding> on(Profile profile, Submission e) {
        return all(profile, e).findFirst();
    }

    @Override
    public Stream<Finding> all(Profile profile, Submission e) {
        String name = Origins.name(e);
        if (!profile.account() || !e.getPhase().equals("ATTEMPT") || name == null) {
            return Stream.empty();
        }
        double weight = profile.strangeness(e);
        Stream<Finding> own = weight < LEAST
                ? Stream.empty()
                : Stream.of(profile.weighed(
                        this, e, weight, "Mail from a new network, " + UnfamiliarSending.place(e), weight, LEAST));
        if (!profile.asksAbout(name, e.getOccurredAt())) {
            return own;
        }
        String news = profile.state.getSubjectKey().substring(SubjectKeys.SASL_USER.length() + 1)
                + " began to send from " + UnfamiliarSending.place(e);
        Stream<Finding> told = Stream.of(tell(profile, e, news, SubjectKeys.FLEET));
        if (SubjectKeys.addressable(e.getClientIp())) {
            String net = SubjectKeys.CLIENT_NET + ":" + Networks.cidr(e.getClientIp());
            told = Stream.concat(told, Stream.of(tell(profile, e, news, net)));
        }
        return Stream.concat(own, told);
    }

    private Finding tell(Profile profile, Submission e, String news, String key) {
        return profile.finding(this, e, 0, news, 1, 1, key)
                .setObserveOnly(true)
                .setOriginSubject(profile.state.getSubjectKey())
                .build();
    }
}
