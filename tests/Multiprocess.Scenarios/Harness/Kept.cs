using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Mail;
using System.Numerics;
using Multiprocess.Scenarios.Hosts;
using Multiprocess.Scenarios.Shapes;
using Multiprocess.Scenarios.Types;
using static System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes;

namespace Multiprocess.Scenarios.Harness;

/// <summary>Keeps the members of what scenarios note, in a program that is trimmed.</summary>
internal static class Kept
{
    private const DynamicallyAccessedMemberTypes Members = PublicProperties | PublicFields;

    [DynamicDependency(Members, typeof(Account))]
    [DynamicDependency(Members, typeof(Animal))]
    [DynamicDependency(Members, typeof(Box))]
    [DynamicDependency(Members, typeof(ByName))]
    [DynamicDependency(Members, typeof(Circle))]
    [DynamicDependency(Members, typeof(Types.Coin))]
    [DynamicDependency(Members, typeof(Dog))]
    [DynamicDependency(Members, typeof(Done))]
    [DynamicDependency(Members, typeof(Drawing))]
    [DynamicDependency(Members, typeof(Failed))]
    [DynamicDependency(Members, typeof(Form))]
    [DynamicDependency(Members, typeof(Interval))]
    [DynamicDependency(Members, typeof(Known))]
    [DynamicDependency(Members, typeof(Meters))]
    [DynamicDependency(Members, typeof(Move))]
    [DynamicDependency(Members, typeof(Types.Node))]
    [DynamicDependency(Members, typeof(Point))]
    [DynamicDependency(Members, typeof(Size))]
    [DynamicDependency(Members, typeof(Result<int?>))]
    [DynamicDependency(Members, typeof(Result<Animal>))]
    [DynamicDependency(Members, typeof(Result<ICounter>))]
    [DynamicDependency(Members, typeof(Page<string>))]
    [DynamicDependency(Members, typeof(Page<Page<string>>))]
    [DynamicDependency(Members, typeof(Hosts.Coin))]
    [DynamicDependency(Members, typeof(FoundBlock))]
    [DynamicDependency(Members, typeof(KeyHash))]
    [DynamicDependency(Members, typeof(NodeStateStats))]
    [DynamicDependency(Members, typeof(NodeStats))]
    [DynamicDependency(Members, typeof(OutPoint))]
    [DynamicDependency(Members, typeof(RpcRequest))]
    [DynamicDependency(Members, typeof(ScriptHash))]
    [DynamicDependency(Members, typeof(QuotaException))]
    [DynamicDependency(Members, typeof(ReasonException))]
    [DynamicDependency(Members, typeof(ReversedException))]
    [DynamicDependency(Members, typeof(RpcException))]
    [DynamicDependency(Members, typeof(WrongKeyException))]
    [DynamicDependency(Members, typeof(AggregateException))]
    [DynamicDependency(Members, typeof(ArgumentException))]
    [DynamicDependency(Members, typeof(ArgumentNullException))]
    [DynamicDependency(Members, typeof(ArgumentOutOfRangeException))]
    [DynamicDependency(Members, typeof(FileNotFoundException))]
    [DynamicDependency(Members, typeof(ObjectDisposedException))]
    [DynamicDependency(Members, typeof(OperationCanceledException))]
    [DynamicDependency(Members, typeof(TaskCanceledException))]
    [DynamicDependency(Members, typeof(Index))]
    [DynamicDependency(Members, typeof(IPEndPoint))]
    [DynamicDependency(Members, typeof(MailAddress))]
    [DynamicDependency(Members, typeof(Range))]
    [DynamicDependency(Members, typeof(KeyValuePair<string, int>))]
    [DynamicDependency(Members, typeof(KeyValuePair<string, int?>))]
    [DynamicDependency(Members, typeof(KeyValuePair<int, string>))]
    [DynamicDependency(Members, typeof(KeyValuePair<string, string>))]
    [DynamicDependency(Members, typeof(KeyValuePair<string, Point>))]
    [DynamicDependency(Members, typeof(KeyValuePair<string, Vector3?>))]
    [DynamicDependency(Members, typeof(KeyValuePair<Fruit, Rights[]>))]
    [DynamicDependency(Members, typeof(KeyValuePair<Guid, double?[]>))]
    [DynamicDependency(Members, typeof(KeyValuePair<string, List<(int, Dictionary<Guid, double?[]>)>>))]
    [DynamicDependency(Members, typeof(KeyValuePair<OutPoint, Hosts.Coin>))]
    [DynamicDependency(Members, typeof(KeyValuePair<Destination, List<(OutPoint, Hosts.Coin, int)>>))]
    [DynamicDependency(Members, typeof(HashSet<string>))]
    [DynamicDependency(Members, typeof(SortedSet<string>))]
    [DynamicDependency(Members, typeof(Dictionary<string, int>))]
    [DynamicDependency(Members, typeof(OrderedDictionary<string, int>))]
    [DynamicDependency(Members, typeof(SortedDictionary<string, int>))]
    [DynamicDependency(Members, typeof(SortedList<string, int>))]
    [DynamicDependency(Members, typeof(ConcurrentDictionary<string, int>))]
    [DynamicDependency(Members, typeof(FrozenSet<string>))]
    [DynamicDependency(Members, typeof(FrozenDictionary<string, int>))]
    [DynamicDependency(Members, typeof(ImmutableHashSet<string>))]
    [DynamicDependency(Members, typeof(ImmutableSortedSet<string>))]
    [DynamicDependency(Members, typeof(ImmutableDictionary<string, int>))]
    [DynamicDependency(Members, typeof(ImmutableSortedDictionary<string, int>))]
    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2026",
        Justification = "Of Exception.TargetSite, which every exception has and no scenario notes.")]
    public static void Keep()
    {
    }
}
