namespace Multiprocess.Threads;

/// <summary>The called contract, as far as threads need to know it: its names.</summary>
internal interface IContractNames
{
    /// <summary>The full name of the contract.</summary>
    string Name { get; }

    /// <summary>The name of a method; null when the contract has no such method.</summary>
    string? GetMethodName(uint methodId);
}
