using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Multiprocess.Scenarios.Descriptors;
using Multiprocess.Scenarios.Hosts;
using Multiprocess.Scenarios.Shapes;
using Multiprocess.Scenarios.Streaming;
using Multiprocess.Scenarios.Types;

namespace Multiprocess.Scenarios.Harness;

/// <summary>
/// What happens with one object, whoever has it: run on the object itself and through proxies, it notes the same.
/// </summary>
/// <param name="Name">A sentence.</param>
/// <param name="Run">Plays it.</param>
/// <param name="Difference">
/// The row of tests/README.md that says why it does not note the same; null when it does.
/// </param>
public sealed record Scenario(string Name, Func<IWorkshop, Notes, Task> Run, string? Difference = null)
{
    private static readonly Type[] s_parameters = [typeof(IWorkshop), typeof(Notes)];

    /// <summary>
    /// Every scenario of this assembly: static methods that take a workshop and notes, and the tables of round trips.
    /// </summary>
    /// <remarks>The classes are named, so that a trimmed program has their methods.</remarks>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. In(typeof(MethodScenarios)),
        .. In(typeof(MemberScenarios)),
        .. In(typeof(ReferenceScenarios)),
        .. In(typeof(Differences)),
        .. In(typeof(SequenceScenarios)),
        .. In(typeof(FlowScenarios)),
        .. In(typeof(DescriptorScenarios)),
        .. In(typeof(DeclaredScenarios)),
        .. In(typeof(FormatterScenarios)),
        .. In(typeof(HostScenarios)),
        .. ValueRoundTrips.All,
        .. CollectionRoundTrips.All,
    ];

    /// <summary>The scenarios of a class.</summary>
    public static IEnumerable<Scenario> In(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type type)
        => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(method => method.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual(
                s_parameters))
            .Select(Of);

    /// <summary>Plays the scenario and returns what it noted.</summary>
    public async Task<string[]> PlayAsync(IWorkshop workshop)
    {
        var notes = new Notes();
        await Run(workshop, notes);
        return notes.Lines;
    }

    public override string ToString() => Name;

    private static Scenario Of(MethodInfo method) => new(
        method.DeclaringType!.Name.Replace(
            "Scenarios", "", StringComparison.Ordinal) + ": " + method.Name.Replace('_', ' '),
        (workshop, notes) => Invoke(method, workshop, notes),
        method.GetCustomAttribute<DiffersAttribute>()?.Row);

    private static Task Invoke(MethodInfo method, IWorkshop workshop, Notes notes)
        => method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [workshop, notes], null) as Task
            ?? Task.CompletedTask;
}

/// <summary>Marks a scenario that shows a difference between one process and two: it must not note the same.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DiffersAttribute(string row) : Attribute
{
    /// <summary>The row of the table "What differs from one process" in tests/README.md.</summary>
    public string Row { get; } = row;
}
