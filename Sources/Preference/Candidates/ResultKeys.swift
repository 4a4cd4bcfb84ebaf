/// The keys under which rows of results hold what was found out about an input.
public enum ResultKeys {
    public static let all: Set = [
        "score", "logit", "spread", "logit_spread", "probability",
        "percentile_generated", "percentile_proxy", "parts", "unfamiliar", "degenerate",
        "excluded",
        "kind", "frames", "duration", "truncated", "truncation", "dropped_clips",
        "clips", "start", "end", "indices", "error", "model", "precision", "sampling",
        "version", "position", "total",
    ]
}
