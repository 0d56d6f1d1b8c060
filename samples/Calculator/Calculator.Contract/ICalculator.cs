using Multiprocess;

namespace Calc;

[IpcInterface]
public interface ICalculator
{
    int Add(int a, int b);

    bool TryDivide(int a, int b, out int quotient);

    /// <summary>Calls <paramref name="onResult"/> with each result, until the returned object is disposed.</summary>
    IDisposable Watch(Action<int> onResult);

    Task<int> AddSlowlyAsync(int a, int b, CancellationToken cancellationToken = default);
}
