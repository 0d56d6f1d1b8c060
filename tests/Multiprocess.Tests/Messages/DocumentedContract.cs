using Multiprocess;

namespace Example;

/// <summary>The contract of the examples in PROTOCOL.md, under the name that it has there.</summary>
[IpcInterface]
public interface ICalculator
{
    event EventHandler<int> Changed;

    string? Name { get; set; }

    int Add(int a, int b);

    bool TryDivide(int a, int b, out int quotient);

    IDisposable Watch(Action<int> onResult);

    Task<int> AddSlowlyAsync(int a, int b, CancellationToken cancellationToken = default);

    [IpcOneWay]
    void Log(string text);

    [IpcMethod(7)]
    void Reset();

    (int Sum, double? Mean) Summarize(int[] values, IReadOnlyDictionary<string, List<string?>> groups, ref long count);
}

/// <summary>The contract of the document's example of a shape.</summary>
[IpcInterface]
public interface IPeople
{
    Person? Find(string name, Role? role);
}

public enum Role
{
    Guest = 0,
    Member = 1,
}

public sealed record Person(string Name, List<Role> Roles, int Age = 18);
