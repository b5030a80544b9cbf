package io.postbrake.alertmanagersink;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** All receivers of one sink, each told independently of the others. */
record Deliveries(List<Delivery> all) implements AutoCloseable {

    static Deliveries of(AlertmanagerSinkConfig config, Board board, Clock clock) {
        HttpSettings settings = HttpSettings.of(config);
        var http = new Http(settings);
        var json = new AlertJson(config.labels());
        List<Channel> channels = new ArrayList<>();
        config.urls().forEach(url -> channels.add(new AlertmanagerReplica(url, http, board, json, config.times())));
        if (channels.isEmpty()) {
            channels.add(new Webhook(config.letter(), http, board));
        }
        var result = new Deliveries(channels.stream()
                .map(channel -> new Delivery(channel, clock, settings.longestBackoff()))
                .toList());
        result.all().forEach(Delivery::start);
        return result;
    }

    void wake() {
        all.forEach(Delivery::wake);
    }

    @Override
    public void close() {
        all.forEach(Delivery::close);
    }
}
