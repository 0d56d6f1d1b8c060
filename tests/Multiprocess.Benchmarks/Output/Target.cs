using System.Globalization;

namespace Multiprocess.Benchmarks.Output;

/// <summary>The bound on a figure's ratio.</summary>
/// <param name="Bound">The ratio that is just good enough.</param>
/// <param name="Of">What the ratio is taken to.</param>
/// <param name="AtLeast">True where more is better.</param>
internal sealed record Target(double Bound, string Of, bool AtLeast = false)
{
    private static readonly Dictionary<string, Target> s_everywhere = new()
    {
        ["callback"] = new(2.2, "call"),
        ["nested-10"] = new(12, "call"),
        ["call-1KiB"] = new(1.15, "call"),
        ["echo-1MiB"] = new(1.2, "raw"),
        ["echo-1MiB-array"] = new(1.3, "raw with arrays"),
        ["callback-shm"] = new(2.2, "call-shm"),
        ["nested-10-shm"] = new(12, "call-shm"),
        ["call-shm-cpu"] = new(1, "call's"),
        ["threads-16-shm"] = new(2, "threads-16", AtLeast: true),
        ["echo-1MiB-shm"] = new(1, "raw"),
        ["fd-pass"] = new(2.5, "a call of the same connection"),
        ["threads-4"] = new(1.5, "http2", AtLeast: true),
        ["threads-16"] = new(2, "http2", AtLeast: true),
        ["async-64"] = new(3, "http2", AtLeast: true),
        // Less than one small object in a thousand calls: what is allocated now and then is no part of a call.
        ["allocated"] = new(0.01, "bytes"),
        ["objects"] = new(2.5, "call"),
        ["live-objects"] = new(1, "2 MB"),
        ["spawn"] = new(1.3, "empty process"),
        ["spawn-aot"] = new(1.3, "empty process"),
        ["idle-cpu"] = new(0.001, "a core"),
        ["generator-first"] = new(1, "100 ms"),
        ["generator-again"] = new(0, "steps run"),
        ["first-page"] = new(1.5, "a bare Blazor page"),
    };

    private static readonly Dictionary<(string Name, string Placement), Target> s_placed = new()
    {
        [("call", "free")] = new(1, "best of raw, http"),
        [("call", "one-core")] = new(1.3, "raw"),
        [("call", "two-cores")] = new(0.1, "raw"),
        [("call-shm", "two-cores")] = new(0.1, "raw"),
        [("call-shm", "one-core")] = new(1.3, "raw"),
        [("call-p99", "one-core")] = new(2, "raw's p99"),
        [("call-cpu", "two-cores")] = new(2, "raw's"),
    };

    public static Target? Find(Reading reading)
        => s_placed.GetValueOrDefault((reading.Name, reading.Placement))
            ?? s_everywhere.GetValueOrDefault(reading.Name);

    public bool IsMet(double ratio) => AtLeast ? ratio >= Bound : ratio <= Bound;

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{(AtLeast ? "≥" : "≤")} {Bound:0.###} × {Of}");
}
