package io.postbrake.detection.detector;

/**
 * Others began to send from the same network, or were blocked for what they sent from there. The network of addresses asks
 * it when an account begins to send from there.
 */
public record SharedNetwork() implements FindingSource {
    @Override
    public String id() {
        return "shared-network";
    }
}
