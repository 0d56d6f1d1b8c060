namespace Multiprocess.Fuzz;

/// <summary>The side that is called. Nothing here waits, or holds more than it is given.</summary>
internal sealed class Fuzzed : IFuzzed
{
    private const int Most = 10_000;

    public event Action<int>? Raised;

    public int Add(int a, int b) => a + b;

    public bool TryDivide(int a, int b, out int quotient)
    {
        quotient = b is 0 or -1 ? 0 : a / b;
        return b != 0;
    }

    public string Join(string?[] parts, char separator) => string.Join(separator, parts);

    public Dictionary<string, List<int?>> Echo(Dictionary<string, List<int?>> values) => values;

    public Figure[] EchoFigures(Figure[] figures) => figures;

    public (decimal Amount, Guid Id, DateTimeOffset When, TimeSpan Long) EchoValues(
        (decimal Amount, Guid Id, DateTimeOffset When, TimeSpan Long) values)
        => values;

    public HashSet<long> EchoSet(HashSet<long> values) => values;

    public int Measure(ReadOnlySpan<byte> bytes) => bytes.Length;

    public byte[] Bytes(int count) => new byte[Math.Clamp(count, 0, Most)];

    public int CallBack(int x, Func<int, int> callback) => callback(x);

    public void Keep(Func<int, int>? callback)
    {
    }

    public IItem Make(int number) => new Item { Number = number };

    public IItem Same(IItem item) => item;

    public int Sum(IReadOnlyList<IItem> items) => items.Count;

    public void Note(int x)
    {
    }

    public async Task<int> AddAsync(int a, int b, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return a + b;
    }

    public async IAsyncEnumerable<int> Count(int upTo)
    {
        for (int i = 0; i < Math.Min(upTo, Most); i++)
        {
            if (i % 16 == 1)
            {
                await Task.Yield();
            }

            yield return i;
        }
    }

    public Stream Open(int length) => new MemoryStream(new byte[Math.Clamp(length, 0, Most)]);

    public void Raise(int x) => Raised?.Invoke(x);

    public void Throw(string message) => throw new InvalidOperationException(message);

    public int Sign(string secret) => secret.Length;

    private sealed class Item : IItem
    {
        public int Number { get; set; }

        public void Dispose()
        {
        }
    }
}
