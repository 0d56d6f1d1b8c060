using System.Runtime.InteropServices;
using Multiprocess.Native;

namespace Multiprocess.Sandboxing;

/// <summary>The part of a sandbox that only the child itself can set, for all its threads.</summary>
/// <remarks>
/// The parent cannot set this filter: it would have to allow the start of the child's program, and so of any program.
/// </remarks>
internal static class ConfinedChild
{
    /// <summary>The environment variable with which the parent requests the filter.</summary>
    public const string Variable = "MULTIPROCESS_SANDBOX";

    private const string Calls = "calls";
    private const string CallsAndMemory = "calls,memory";

    /// <summary>The variables that the parent adds to the child's environment, after those of the user.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Environment(
        IpcSandbox? sandbox,
        IReadOnlyDictionary<string, string?>? changes)
    {
        foreach (KeyValuePair<string, string?> change in changes ?? new Dictionary<string, string?>())
        {
            yield return change;
        }

        yield return new(Variable, sandbox is null ? null : sandbox.HidesMemory ? CallsAndMemory : Calls);
        if (sandbox is { HidesMemory: true })
        {
            // The diagnostics port gives a memory dump to every process that connects, and would need a socket.
            yield return new("DOTNET_EnableDiagnostics", "0");
        }
    }

    /// <summary>Sets the limits that the parent requested, if it requested any.</summary>
    /// <exception cref="IpcException">The variable has an unknown value.</exception>
    public static void Enter()
    {
        switch (System.Environment.GetEnvironmentVariable(Variable))
        {
            case null or "":
                return;
            case Calls:
                Filter();
                break;
            case CallsAndMemory:
                _ = NativeSandbox.Set(NativeSandbox.SetDumpable, 0);
                Filter();
                break;
            case var other:
                throw new IpcException(
                    IpcErrorKind.SpawnFailed,
                    $"{Variable}: Expected \"{Calls}\" or \"{CallsAndMemory}\", got \"{IpcText.Escape(other)}\".");
        }
    }

    // The parent checks that the filter is in force. It reports what is missing, or refuses the child.
    private static void Filter()
    {
        if (OperatingSystem.IsLinux() && SystemCallFilter.IsSupported)
        {
            Architecture architecture = RuntimeInformation.ProcessArchitecture;
            _ = NativeSandbox.Set(NativeSandbox.SetNoNewPrivileges, 1);
            _ = NativeSandbox.Filter(
                SystemCall.Filter.On(architecture),
                SystemCallFilter.Write(architecture, System.Environment.ProcessId));
        }
    }
}
