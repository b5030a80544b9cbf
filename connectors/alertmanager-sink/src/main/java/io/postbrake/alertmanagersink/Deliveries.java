package io.postbrake.alertmanagersink;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** All receivers of one sink, each told independently of the others. */
record Deliveries(List<Delivery> all) implements AutoCloseable {

    static Deliveries of(AlertmanagerSinkConfig config, Board board, Clock clock) {
        var http = new Http(config.http());
        AlertmanagerSettings alertmanager = config.alertmanager();
        var json = new AlertJson(alertmanager.labels());
        List<Channel> channels = new ArrayList<>();
        alertmanager
                .urls()
                .forEach(url -> channels.add(new AlertmanagerReplica(url, http, board, json, alertmanager.times())));
        if (config.letter() != null) {
            channels.add(new Webhook(config.letter(), http, board));
        }
        var result = new Deliveries(channels.stream()
                .map(channel -> new Delivery(channel, clock, config.http().longestBackoff()))
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
