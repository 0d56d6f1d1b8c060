using Multiprocess;

namespace Primes;

[IpcInterface]
public interface IPrimes
{
    /// <summary>Raised for each prime that is found.</summary>
    event Action<int>? Found;

    /// <summary>The process that does the work.</summary>
    int ProcessId { get; }

    /// <summary>The primes below a number, no more of them than the worker's configuration allows.</summary>
    int[] Below(int limit);
}
