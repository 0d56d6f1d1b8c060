namespace Multiprocess.Integration.Tests;

/// <summary>The scenarios that Cap'n Proto cannot express, each with its reason.</summary>
internal static class CapnpInexpressible
{
    private static readonly (string Reason, string[] Scenarios)[] s_groups =
    [
        (
            "Cap'n Proto has no sequences; a schema has interfaces in their place.",
            [
                "Method: Progress arrives in order",
                "Sequence: Items of a result arrive in order",
                "Sequence: Items of a parameter arrive in order",
                "Sequence: Sequence of this side is transformed there",
                "Sequence: Early end reaches the source",
                "Sequence: Slow consumer holds the source back",
                "Sequence: Exception of the source arrives behind its items",
                "Sequence: Token of the enumeration reaches the source",
                "Sequence: Token of the call ends the enumeration that it returned",
                "Sequence: Token of the call reaches the source between two moves wherever it sits",
                "Sequence: Token of the enumeration reaches the source between two moves",
                "Sequence: Token of a consumer reaches the source that was passed",
            ]),
        (
            "Exceptions are no part of a schema: each arrives as a CapnpException with its text.",
            [
                "Method: Exceptions arrive as what they are",
                "Method: What a returned iterator throws arrives as it is",
                "Method: Every standard exception arrives as itself",
                "Method: Delegates take ref out and delegates",
                "Reference: Saved callback is called later",
            ]),
        (
            "Cap'n Proto has no indexers.",
            [
                "Member: Properties and indexers are read and written",
                "Member: Members of several bases stay apart",
            ]),
        (
            "Cap'n Proto has no events.",
            [
                "Member: Handlers hear until they are removed",
                "Member: Sender is the source of the event",
                "Member: Handlers answer and throw",
                "Member: One way handlers hear in order",
            ]),
        (
            "Cap'n Proto has no generic interfaces whose methods differ by argument.",
            [
                "Member: Generic contract crosses where it is closed",
            ]),
        (
            "An interface of the framework has no id.",
            [
                "Member: Disposal reaches the object",
                "Reference: Subscription ends when it is disposed",
                "Reference: Subscription ends when it is disposed asynchronously",
                "Sequence: Token of the call reaches an object that it returned",
            ]),
        (
            "A list of structs has no null.",
            [
                "Declared: Closed hierarchies cross as their cases",
            ]),
        (
            "A struct has fields for public members only.",
            [
                "Declared: Types annotated for MessagePack cross",
            ]),
        (
            "Cap'n Proto has no streams; a schema has interfaces in their place.",
            [
                "Reference: Streams and sequences cross inside values",
                "Flow: Streams that are returned are read",
                "Flow: Streams seek and are cut",
                "Flow: Streams that are passed are read and written",
                "Flow: Streams keep their identity and are disposed",
                "Flow: Pipes carry bytes both ways",
                "Flow: Pipe that is passed holds its writer back",
                "Flow: What a writer completes with reaches the reader",
                "Flow: What the far end of a pipe completes with comes back",
            ]),
        (
            "Cap'n Proto passes no descriptors of the system.",
            [
                "Descriptor: Files cross as parameters",
                "Descriptor: A file stream keeps position access and name",
                "Descriptor: What one writes the other reads",
                "Descriptor: Files cross as results and references",
                "Descriptor: Files cross in sequences",
                "Descriptor: Files cross in callbacks",
                "Descriptor: Sockets cross",
                "Descriptor: Pipes cross",
                "Descriptor: Memory crosses",
                "Descriptor: Values bring descriptors",
                "Descriptor: A closed handle is refused",
            ]),
        (
            "The values of the enum are not positions.",
            [
                "Declared: Classes cross through required members fields and constructors",
                "Declared: Enums and flags cross",
                "Declared: Undefined enum values cross where the contract says so",
            ]),
        (
            "The bytes of a converter or a formatter have no schema.",
            [
                "Declared: Converters of contract and place carry elements too",
                "Declared: Converters of type assembly and member hold everywhere",
                "Formatter: A formatter for a type of the framework carries it",
                "Formatter: A formatter that a type names carries an immutable type",
                "Formatter: Formatters carry members and what callbacks take",
            ]),
        (
            "A secret must be wiped, which messages of Cap'n Proto do not promise.",
            [
                "Declared: Secrets and sensitive values cross",
                "Host: CreateWallet takes a secret and tells HandleLoadWallet",
            ]),
        (
            "JSON is text that nothing checks; a schema has Text in its place.",
            [
                "Host: UpdateRwSetting runs a function with an in out argument",
                "Host: HandleRpc takes a command that holds a function",
                "Host: ExecuteRpc takes and gives JSON",
                "Value: JsonElement",
                "Value: JsonNode",
            ]),
        (
            "Data has no place for the scope of an address.",
            [
                "Value: IPAddress",
            ]),
        (
            "A list carries no comparer.",
            [
                "Collection: HashSet<String>",
                "Collection: OrderedDictionary<String Int32>",
                "Collection: SortedList<String Int32>",
                "Collection: ImmutableHashSet<String>",
                "Collection: ImmutableSortedSet<String>",
                "Collection: ImmutableDictionary<String Int32>",
                "Collection: ImmutableSortedDictionary<String Int32>",
                "Collection: IImmutableDictionary<String Int32>",
                "Collection: FrozenSet<String>",
                "Collection: FrozenDictionary<String Int32>",
                "Collection: ConcurrentDictionary<String Int32>",
                "Collection: SortedSet<String>",
                "Collection: Dictionary<String Int32>",
                "Collection: SortedDictionary<String Int32>",
            ]),
        (
            "A list is never without its array.",
            [
                "Collection: Nullable<ImmutableArray<Int32>>",
                "Collection: Nullable<ArraySegment<Byte>>",
                "Collection: Nullable<ArraySegment<Int32>>",
                "Collection: ImmutableArray<Int32>",
            ]),
    ];

    /// <summary>The reasons by the scenarios' names.</summary>
    public static Dictionary<string, string> Scenarios { get; } = s_groups
        .SelectMany(group => group.Scenarios.Select(name => (name, group.Reason)))
        .ToDictionary(each => each.name, each => each.Reason);
}
