namespace Multiprocess.Threads;

/// <summary>What is called, by name: a contract, as far as threads need to know it.</summary>
internal interface ICallee
{
    /// <summary>The contract's full name.</summary>
    string Name { get; }

    /// <summary>The contract's name of a method; null when it has no such method.</summary>
    string? GetMethodName(uint methodId);
}
