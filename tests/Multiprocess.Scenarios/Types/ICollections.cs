using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Multiprocess.Scenarios.Types;

/// <summary>Sends back a collection of each kind.</summary>
[IpcInterface]
public interface ICollections
{
    byte[] Echo(byte[] value);

    int[] Echo(int[] value);

    string?[] Echo(string?[] value);

    int[][] Echo(int[][] value);

    int[,] Echo(int[,] value);

    string[,,] Echo(string[,,] value);

    byte[,,,] Echo(byte[,,,] value);

    Memory<byte> Echo(Memory<byte> value);

    ReadOnlyMemory<byte> Echo(ReadOnlyMemory<byte> value);

    ReadOnlySequence<byte> Echo(ReadOnlySequence<byte> value);

    ArraySegment<byte> Echo(ArraySegment<byte> value);

    ArraySegment<byte>? Echo(ArraySegment<byte>? value);

    Memory<int> Echo(Memory<int> value);

    ReadOnlyMemory<string> Echo(ReadOnlyMemory<string> value);

    ArraySegment<int> Echo(ArraySegment<int> value);

    ArraySegment<int>? Echo(ArraySegment<int>? value);

    List<int> Echo(List<int> value);

    IList<int> Echo(IList<int> value);

    ICollection<string> Echo(ICollection<string> value);

    IEnumerable<int> Echo(IEnumerable<int> value);

    IReadOnlyList<int?> Echo(IReadOnlyList<int?> value);

    IReadOnlyCollection<int> Echo(IReadOnlyCollection<int> value);

    HashSet<string> Echo(HashSet<string> value);

    ISet<int> Echo(ISet<int> value);

    IReadOnlySet<int> Echo(IReadOnlySet<int> value);

    SortedSet<string> Echo(SortedSet<string> value);

    Queue<int> Echo(Queue<int> value);

    Stack<int> Echo(Stack<int> value);

    LinkedList<int> Echo(LinkedList<int> value);

    Collection<int> Echo(Collection<int> value);

    ReadOnlyCollection<int> Echo(ReadOnlyCollection<int> value);

    ObservableCollection<int> Echo(ObservableCollection<int> value);

    Dictionary<string, int> Echo(Dictionary<string, int> value);

    IDictionary<int, string> Echo(IDictionary<int, string> value);

    IReadOnlyDictionary<string, int> Echo(IReadOnlyDictionary<string, int> value);

    SortedDictionary<string, int> Echo(SortedDictionary<string, int> value);

    SortedList<string, int> Echo(SortedList<string, int> value);

    ReadOnlyDictionary<string, int> Echo(ReadOnlyDictionary<string, int> value);

    ImmutableArray<int> Echo(ImmutableArray<int> value);

    ImmutableArray<int>? Echo(ImmutableArray<int>? value);

    ImmutableList<int> Echo(ImmutableList<int> value);

    IImmutableList<int> Echo(IImmutableList<int> value);

    ImmutableHashSet<string> Echo(ImmutableHashSet<string> value);

    ImmutableSortedSet<string> Echo(ImmutableSortedSet<string> value);

    ImmutableQueue<int> Echo(ImmutableQueue<int> value);

    ImmutableStack<int> Echo(ImmutableStack<int> value);

    ImmutableDictionary<string, int> Echo(ImmutableDictionary<string, int> value);

    ImmutableSortedDictionary<string, int> Echo(ImmutableSortedDictionary<string, int> value);

    FrozenSet<string> Echo(FrozenSet<string> value);

    FrozenDictionary<string, int> Echo(FrozenDictionary<string, int> value);

    ConcurrentQueue<int> Echo(ConcurrentQueue<int> value);

    ConcurrentStack<int> Echo(ConcurrentStack<int> value);

    ConcurrentBag<int> Echo(ConcurrentBag<int> value);

    ConcurrentDictionary<string, int> Echo(ConcurrentDictionary<string, int> value);

    ReadOnlyObservableCollection<int> Echo(ReadOnlyObservableCollection<int> value);

    ReadOnlySet<int> Echo(ReadOnlySet<int> value);

    OrderedDictionary<string, int> Echo(OrderedDictionary<string, int> value);

    IImmutableSet<string> Echo(IImmutableSet<string> value);

    IImmutableQueue<int> Echo(IImmutableQueue<int> value);

    IImmutableStack<int> Echo(IImmutableStack<int> value);

    IImmutableDictionary<string, int> Echo(IImmutableDictionary<string, int> value);

    Dictionary<string, List<(int, Dictionary<Guid, double?[]>)>> Echo(
        Dictionary<string, List<(int, Dictionary<Guid, double?[]>)>> value);
}

public sealed class Collections : ICollections
{
    public byte[] Echo(byte[] value) => value;

    public int[] Echo(int[] value) => value;

    public string?[] Echo(string?[] value) => value;

    public int[][] Echo(int[][] value) => value;

    // Explicit: a trimmed program loses an overload that differs from another only in the rank of an array (MP0032).
    int[,] ICollections.Echo(int[,] value) => value;

    string[,,] ICollections.Echo(string[,,] value) => value;

    byte[,,,] ICollections.Echo(byte[,,,] value) => value;

    public Memory<byte> Echo(Memory<byte> value) => value;

    public ReadOnlyMemory<byte> Echo(ReadOnlyMemory<byte> value) => value;

    public ReadOnlySequence<byte> Echo(ReadOnlySequence<byte> value) => value;

    public ArraySegment<byte> Echo(ArraySegment<byte> value) => value;

    public ArraySegment<byte>? Echo(ArraySegment<byte>? value) => value;

    public Memory<int> Echo(Memory<int> value) => value;

    public ReadOnlyMemory<string> Echo(ReadOnlyMemory<string> value) => value;

    public ArraySegment<int> Echo(ArraySegment<int> value) => value;

    public ArraySegment<int>? Echo(ArraySegment<int>? value) => value;

    public List<int> Echo(List<int> value) => value;

    public IList<int> Echo(IList<int> value) => value;

    public ICollection<string> Echo(ICollection<string> value) => value;

    public IEnumerable<int> Echo(IEnumerable<int> value) => value;

    public IReadOnlyList<int?> Echo(IReadOnlyList<int?> value) => value;

    public IReadOnlyCollection<int> Echo(IReadOnlyCollection<int> value) => value;

    public HashSet<string> Echo(HashSet<string> value) => value;

    public ISet<int> Echo(ISet<int> value) => value;

    public IReadOnlySet<int> Echo(IReadOnlySet<int> value) => value;

    public SortedSet<string> Echo(SortedSet<string> value) => value;

    public Queue<int> Echo(Queue<int> value) => value;

    public Stack<int> Echo(Stack<int> value) => value;

    public LinkedList<int> Echo(LinkedList<int> value) => value;

    public Collection<int> Echo(Collection<int> value) => value;

    public ReadOnlyCollection<int> Echo(ReadOnlyCollection<int> value) => value;

    public ObservableCollection<int> Echo(ObservableCollection<int> value) => value;

    public Dictionary<string, int> Echo(Dictionary<string, int> value) => value;

    public IDictionary<int, string> Echo(IDictionary<int, string> value) => value;

    public IReadOnlyDictionary<string, int> Echo(IReadOnlyDictionary<string, int> value) => value;

    public SortedDictionary<string, int> Echo(SortedDictionary<string, int> value) => value;

    public SortedList<string, int> Echo(SortedList<string, int> value) => value;

    public ReadOnlyDictionary<string, int> Echo(ReadOnlyDictionary<string, int> value) => value;

    public ImmutableArray<int> Echo(ImmutableArray<int> value) => value;

    public ImmutableArray<int>? Echo(ImmutableArray<int>? value) => value;

    public ImmutableList<int> Echo(ImmutableList<int> value) => value;

    public IImmutableList<int> Echo(IImmutableList<int> value) => value;

    public ImmutableHashSet<string> Echo(ImmutableHashSet<string> value) => value;

    public ImmutableSortedSet<string> Echo(ImmutableSortedSet<string> value) => value;

    public ImmutableQueue<int> Echo(ImmutableQueue<int> value) => value;

    public ImmutableStack<int> Echo(ImmutableStack<int> value) => value;

    public ImmutableDictionary<string, int> Echo(ImmutableDictionary<string, int> value) => value;

    public ImmutableSortedDictionary<string, int> Echo(ImmutableSortedDictionary<string, int> value) => value;

    public FrozenSet<string> Echo(FrozenSet<string> value) => value;

    public FrozenDictionary<string, int> Echo(FrozenDictionary<string, int> value) => value;

    public ConcurrentQueue<int> Echo(ConcurrentQueue<int> value) => value;

    public ConcurrentStack<int> Echo(ConcurrentStack<int> value) => value;

    public ConcurrentBag<int> Echo(ConcurrentBag<int> value) => value;

    public ConcurrentDictionary<string, int> Echo(ConcurrentDictionary<string, int> value) => value;

    public ReadOnlyObservableCollection<int> Echo(ReadOnlyObservableCollection<int> value) => value;

    public ReadOnlySet<int> Echo(ReadOnlySet<int> value) => value;

    public OrderedDictionary<string, int> Echo(OrderedDictionary<string, int> value) => value;

    public IImmutableSet<string> Echo(IImmutableSet<string> value) => value;

    public IImmutableQueue<int> Echo(IImmutableQueue<int> value) => value;

    public IImmutableStack<int> Echo(IImmutableStack<int> value) => value;

    public IImmutableDictionary<string, int> Echo(IImmutableDictionary<string, int> value) => value;

    public Dictionary<string, List<(int, Dictionary<Guid, double?[]>)>> Echo(
        Dictionary<string, List<(int, Dictionary<Guid, double?[]>)>> value)
        => value;
}
