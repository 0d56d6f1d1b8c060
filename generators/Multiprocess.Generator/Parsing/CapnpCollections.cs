namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Collections of the framework that cross as lists: what their items are taken from, and what is made of the items.
/// </summary>
/// <remarks>
/// A contract says which collection it is, so the list need not. Comparers do not cross: a collection with another one
/// than the default is refused when it is sent, and a received collection has the default one.
/// </remarks>
internal static class CapnpCollections
{
    /// <summary>How a collection is written and made again.</summary>
    /// <param name="Items">The expression of its items, with their number, if not the collection itself.</param>
    /// <param name="Count">The property of the items that is their number.</param>
    /// <param name="Finish">
    /// The expression that makes the collection of <c>ipcItems</c>: an array, or a dictionary for a collection of keys
    /// and values. <c>{0}</c> is replaced by the type arguments.
    /// </param>
    internal sealed record Form(string Items, string Count, string Finish);

    private const string Generic = "global::System.Collections.Generic.";
    private const string Concurrent = "global::System.Collections.Concurrent.";
    private const string Immutable = "global::System.Collections.Immutable.";
    private const string Frozen = "global::System.Collections.Frozen.";
    private const string Objects = "global::System.Collections.ObjectModel.";

    private const string Array = "global::System.Linq.Enumerable.ToArray(ipcValue)";

    // Whatever comes out first was put in last.
    private const string Reversed = "global::System.Linq.Enumerable.Reverse(ipcItems)";

    // Another thread may change the collection between the count and the items.
    private const string Snapshot = "ipcValue.ToArray()";

    private static readonly Dictionary<string, Form> s_forms = new()
    {
        ["System.ArraySegment`1"] = new(
            "((global::System.ReadOnlySpan<{0}>)ipcValue)", "Length", "new global::System.ArraySegment<{0}>(ipcItems)"),
        ["System.Memory`1"] = new("ipcValue.Span", "Length", "ipcItems"),
        ["System.ReadOnlyMemory`1"] = new("ipcValue.Span", "Length", "ipcItems"),
        ["System.Collections.BitArray"] = Of("new global::System.Collections.BitArray(ipcItems)"),
        ["System.Collections.Generic.IEnumerable`1"] = new(Array, "Length", "ipcItems"),
        ["System.Collections.Generic.Queue`1"] = Of($"new {Generic}Queue<{{0}}>(ipcItems)"),
        ["System.Collections.Generic.Stack`1"] = Of($"new {Generic}Stack<{{0}}>({Reversed})"),
        ["System.Collections.Generic.LinkedList`1"] = Of($"new {Generic}LinkedList<{{0}}>(ipcItems)"),
        ["System.Collections.Generic.OrderedDictionary`2"] = Of($"new {Generic}OrderedDictionary<{{0}}>(ipcItems)"),
        ["System.Collections.Generic.SortedList`2"] = Of($"new {Generic}SortedList<{{0}}>(ipcItems)"),
        ["System.Collections.ObjectModel.Collection`1"]
            = Of($"new {Objects}Collection<{{0}}>(new {Generic}List<{{0}}>(ipcItems))"),
        ["System.Collections.ObjectModel.ReadOnlyCollection`1"]
            = Of($"new {Objects}ReadOnlyCollection<{{0}}>(ipcItems)"),
        ["System.Collections.ObjectModel.ObservableCollection`1"]
            = Of($"new {Objects}ObservableCollection<{{0}}>(ipcItems)"),
        ["System.Collections.ObjectModel.ReadOnlyObservableCollection`1"] = Of(
            $"new {Objects}ReadOnlyObservableCollection<{{0}}>(new {Objects}ObservableCollection<{{0}}>(ipcItems))"),
        ["System.Collections.ObjectModel.ReadOnlySet`1"]
            = Of($"new {Objects}ReadOnlySet<{{0}}>(new {Generic}HashSet<{{0}}>(ipcItems))"),
        ["System.Collections.ObjectModel.ReadOnlyDictionary`2"]
            = Of($"new {Objects}ReadOnlyDictionary<{{0}}>(ipcItems)"),
        ["System.Collections.Immutable.ImmutableList`1"] = Of($"{Immutable}ImmutableList.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.IImmutableList`1"] = Of($"{Immutable}ImmutableList.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.ImmutableHashSet`1"] = Of($"{Immutable}ImmutableHashSet.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.IImmutableSet`1"] = Of($"{Immutable}ImmutableHashSet.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.ImmutableSortedSet`1"]
            = Of($"{Immutable}ImmutableSortedSet.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.ImmutableQueue`1"]
            = new(Array, "Length", $"{Immutable}ImmutableQueue.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.IImmutableQueue`1"]
            = new(Array, "Length", $"{Immutable}ImmutableQueue.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.ImmutableStack`1"]
            = new(Array, "Length", $"{Immutable}ImmutableStack.CreateRange({Reversed})"),
        ["System.Collections.Immutable.IImmutableStack`1"]
            = new(Array, "Length", $"{Immutable}ImmutableStack.CreateRange({Reversed})"),
        ["System.Collections.Immutable.ImmutableDictionary`2"]
            = Of($"{Immutable}ImmutableDictionary.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.IImmutableDictionary`2"]
            = Of($"{Immutable}ImmutableDictionary.CreateRange(ipcItems)"),
        ["System.Collections.Immutable.ImmutableSortedDictionary`2"]
            = Of($"{Immutable}ImmutableSortedDictionary.CreateRange(ipcItems)"),
        ["System.Collections.Frozen.FrozenSet`1"] = Of($"{Frozen}FrozenSet.ToFrozenSet(ipcItems)"),
        ["System.Collections.Frozen.FrozenDictionary`2"] = Of($"{Frozen}FrozenDictionary.ToFrozenDictionary(ipcItems)"),
        ["System.Collections.Concurrent.ConcurrentQueue`1"]
            = new(Snapshot, "Length", $"new {Concurrent}ConcurrentQueue<{{0}}>(ipcItems)"),
        ["System.Collections.Concurrent.ConcurrentStack`1"]
            = new(Snapshot, "Length", $"new {Concurrent}ConcurrentStack<{{0}}>({Reversed})"),
        ["System.Collections.Concurrent.ConcurrentBag`1"]
            = new(Snapshot, "Length", $"new {Concurrent}ConcurrentBag<{{0}}>({Reversed})"),
        ["System.Collections.Concurrent.ConcurrentDictionary`2"]
            = new(Snapshot, "Length", $"new {Concurrent}ConcurrentDictionary<{{0}}>(ipcItems)"),
    };

    /// <summary>The form of a collection, by the full name of its definition; null for any other type.</summary>
    public static Form? Of(string name, string arguments)
        => s_forms.TryGetValue(name, out var form)
            ? form with { Items = form.Items.Replace("{0}", arguments), Finish = form.Finish.Replace("{0}", arguments) }
            : null;

    private static readonly HashSet<string> s_withComparer =
    [
        "System.Collections.Concurrent.ConcurrentDictionary`2",
        "System.Collections.Frozen.FrozenDictionary`2",
        "System.Collections.Frozen.FrozenSet`1",
        "System.Collections.Generic.Dictionary`2",
        "System.Collections.Generic.HashSet`1",
        "System.Collections.Generic.OrderedDictionary`2",
        "System.Collections.Generic.SortedDictionary`2",
        "System.Collections.Generic.SortedList`2",
        "System.Collections.Generic.SortedSet`1",
    ];

    private static readonly HashSet<string> s_withKeyComparer =
    [
        "System.Collections.Immutable.ImmutableDictionary`2",
        "System.Collections.Immutable.ImmutableHashSet`1",
        "System.Collections.Immutable.ImmutableSortedDictionary`2",
        "System.Collections.Immutable.ImmutableSortedSet`1",
    ];

    // Whose comparer only the collection behind them knows.
    private static readonly HashSet<string> s_overCollection =
    [
        "System.Collections.Generic.IDictionary`2",
        "System.Collections.Generic.IReadOnlyDictionary`2",
        "System.Collections.Generic.IReadOnlySet`1",
        "System.Collections.Generic.ISet`1",
        "System.Collections.Immutable.IImmutableDictionary`2",
        "System.Collections.Immutable.IImmutableSet`1",
    ];

    /// <summary>
    /// What is checked for a comparer before the items are written; empty for a collection without one.
    /// </summary>
    public static string ComparerOf(string name)
        => s_withComparer.Contains(name) ? "ipcValue.Comparer"
            : s_withKeyComparer.Contains(name) ? "ipcValue.KeyComparer"
            : s_overCollection.Contains(name) ? "ipcValue"
            : "";

    private static Form Of(string finish) => new("ipcValue", "Count", finish);
}
