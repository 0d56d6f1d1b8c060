using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>Figures that are measured together, because they are compared with each other.</summary>
/// <param name="Name">For choosing it on the command line.</param>
/// <param name="Measure">Measures and reports them.</param>
/// <param name="IsPlaced">Whether it is measured in this placement with this effort.</param>
internal sealed record Figure(string Name, Action<Session> Measure, Func<Placement, Effort, bool> IsPlaced)
{
    /// <summary>All, in the order in which they are measured: what warms up the shared server first.</summary>
    public static IReadOnlyList<Figure> All { get; } =
    [
        new("calls", Calls.Measure, Everywhere),
        new("shapes", Shapes.Measure, Everywhere),
        new("memory", InMemory.Measure, Everywhere),
        new("descriptors", Descriptors.Measure, Counts),
        new("allocation", Allocation.Measure, FreeOnly),
        new("echoes", Echoes.Measure, Counts),
        new("callers", session => Callers.Measure(session, [4, 16]), Counts),
        new("tasks", Tasks.Measure, Counts),
        new("live-objects", LiveObjects.Measure, FreeOnly),
        new("capnp", CapnpCalls.Measure, Counts),
        new("spawn", Spawn.Measure, FreeOnly),
        new("spawn-aot", SpawnNative.Measure, FreeOnly),
        new("idle", Idle.Measure, FreeOnly),
        new("generator", GeneratorRuns.Measure, FreeOnly),
    ];

    /// <summary>What the plot shows.</summary>
    public static Figure Sweep { get; } = new(
        "sweep", session => Callers.Measure(session, [1, 2, 4, 8, 16, 32]), FreeOnly);

    private static bool Everywhere(Placement placement, Effort effort) => true;

    private static bool FreeOnly(Placement placement, Effort effort) => placement.Kind == PlacementKind.Free;

    private static bool Counts(Placement placement, Effort effort)
        => effort.CountsEverywhere || FreeOnly(placement, effort);
}
