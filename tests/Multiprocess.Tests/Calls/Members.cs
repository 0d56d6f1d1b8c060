namespace Multiprocess.Tests.Calls;

public interface INamed
{
    string Name { get; set; }
}

/// <summary>Members that are no plain methods.</summary>
[IpcInterface]
public interface IMembers : INamed
{
    int Count { get; }

    string this[int index] { get; set; }

    int this[string key] { get; }

    event Action<int>? Changed;

    event EventHandler<string>? Renamed;

    string Overloaded();

    string Overloaded(int x);

    string Overloaded(string x);

    string Overloaded(int x, int y);

    string WithDefaults(int a = 3, string b = "b", Fruit c = Fruit.Pear);

    string WithParams(params int[] numbers);

    int Twice(int x) => 2 * x;
}

internal sealed class Members : IMembers
{
    private readonly Dictionary<int, string> _items = [];

    public event Action<int>? Changed;

    public event EventHandler<string>? Renamed;

    public bool HasHandlers => Changed is not null;

    public string Name
    {
        get;
        set
        {
            field = value;
            Renamed?.Invoke(this, value);
        }
    } = "first";

    public int Count => _items.Count;

    public string this[int index]
    {
        get => _items[index];
        set => _items[index] = value;
    }

    public int this[string key] => key.Length;

    public string Overloaded() => "none";

    public string Overloaded(int x) => $"int {x}";

    public string Overloaded(string x) => $"string {x}";

    public string Overloaded(int x, int y) => $"two {x} {y}";

    public string WithDefaults(int a, string b, Fruit c) => $"{a} {b} {c}";

    public string WithParams(params int[] numbers) => string.Join(',', numbers);

    public void Raise(int x) => Changed?.Invoke(x);
}
