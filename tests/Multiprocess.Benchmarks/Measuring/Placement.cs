using System.Globalization;

namespace Multiprocess.Benchmarks.Measuring;

/// <summary>Where the two processes may run.</summary>
internal enum PlacementKind
{
    /// <summary>Wherever the system puts them.</summary>
    Free,

    /// <summary>Both on one and the same core.</summary>
    OneCore,

    /// <summary>Each on a core of its own.</summary>
    TwoCores,
}

/// <summary>A placement and the cores that it names on this machine.</summary>
internal sealed record Placement(PlacementKind Kind, int? ClientCore, int? ServerCore)
{
    public string Name => Kind switch
    {
        PlacementKind.OneCore => "one-core",
        PlacementKind.TwoCores => "two-cores",
        _ => "free",
    };

    public static Placement Parse(string text)
        => text.Split(':') is [var kind, var client, var server]
            ? new Placement(Enum.Parse<PlacementKind>(kind), Core(client), Core(server))
            : throw new FormatException($"Expected a placement as 'kind:core:core', got '{text}'.");

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => $"{Kind}:{ClientCore}:{ServerCore}";

    /// <summary>The placements that this machine allows.</summary>
    public static IEnumerable<Placement> All()
    {
        IReadOnlyList<int> cores = Affinity.AllowedCores();
        yield return new Placement(PlacementKind.Free, null, null);
        yield return new Placement(PlacementKind.OneCore, cores[0], cores[0]);
        if (cores.Count > 1)
        {
            yield return new Placement(PlacementKind.TwoCores, cores[0], cores[1]);
        }
    }

    private static int? Core(string text) => text.Length == 0 ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
