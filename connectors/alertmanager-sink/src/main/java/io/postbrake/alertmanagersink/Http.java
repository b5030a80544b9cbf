package io.postbrake.alertmanagersink;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Posts, with a bound on the whole exchange; what answers may be hostile or half dead. */
final class Http {

    private static final int EXCERPT = 512;

    /**
     * What came back.
     *
     * @param excerpt the beginning of the body, clean
     */
    record Answer(int status, String excerpt) {
        boolean taken() {
            return status >= 200 && status < 300;
        }
    }

    private final HttpClient client;
    private final String authorization;
    private final Duration timeout;

    Http(HttpSettings settings) {
        var builder = HttpClient.newBuilder()
                .connectTimeout(settings.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1);
        if (settings.tls() != null) {
            builder.sslContext(settings.tls());
        }
        this.client = builder.build();
        this.authorization = settings.authorization();
        this.timeout = settings.requestTimeout();
    }

    /**
     * Posts {@code body} and returns an answer that judges the content: taken, or 400, 413 and 422.
     *
     * @throws UnavailableException when nothing was judged: no connection, no time, no login, too many requests, any other
     *     status
     */
    Answer post(URI uri, String contentType, String body, Map<String, String> headers)
            throws UnavailableException, InterruptedException {
        var request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("Content-Type", contentType)
                .header("User-Agent", "postbrake")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        headers.forEach(request::header);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        HttpResponse<String> response = exchange(request.build());
        int status = response.statusCode();
        if ((status >= 200 && status < 300) || status == 400 || status == 413 || status == 422) {
            return new Answer(status, clean(response.body()));
        }
        throw new UnavailableException("status " + status + " " + clean(response.body()), retryAfter(response));
    }

    private HttpResponse<String> exchange(HttpRequest request) throws UnavailableException, InterruptedException {
        var exchange = client.sendAsync(request, info -> new Beginning());
        try {
            return exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            exchange.cancel(true);
            throw new UnavailableException("no answer within " + timeout.toMillis() + " ms", null);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new UnavailableException(cause.getClass().getSimpleName() + " " + clean(cause.getMessage()), null);
        } catch (InterruptedException e) {
            exchange.cancel(true);
            throw e;
        }
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("[0-9]{1,5}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(null);
    }

    private static String clean(String text) {
        return text == null ? "" : text.replaceAll("\\p{Cntrl}", " ").strip();
    }

    /** Keeps the beginning of a body and reads no further. */
    private static final class Beginning implements BodySubscriber<String> {
        private final CompletableFuture<String> body = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.Subscription subscription;

        @Override
        public CompletionStage<String> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                byte[] part = new byte[Math.min(buffer.remaining(), EXCERPT - bytes.size())];
                buffer.get(part);
                bytes.writeBytes(part);
            }
            if (bytes.size() >= EXCERPT) {
                subscription.cancel();
                onComplete();
            }
        }

        @Override
        public void onError(Throwable error) {
            body.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            body.complete(bytes.toString(StandardCharsets.UTF_8));
        }
    }
}
