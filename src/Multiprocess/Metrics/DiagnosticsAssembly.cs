using System.Runtime.CompilerServices;

namespace Multiprocess.Metrics;

/// <summary>Whether the framework's diagnostics assembly is loaded in this process.</summary>
/// <remarks>
/// Before it is loaded, no code can listen to a meter or have an activity. Loading it without need, and creating the
/// instruments, would take a third of a child's start.
/// </remarks>
internal static class DiagnosticsAssembly
{
    private const string Name = "System.Diagnostics.DiagnosticSource, ";

    private static readonly Lock s_lock = new();
    private static Action? s_whenLoaded;

    // When everything is compiled into one program, the diagnostics are there from the start.
    private static volatile bool s_isLoaded = !RuntimeFeature.IsDynamicCodeSupported;

    static DiagnosticsAssembly()
    {
        AppDomain.CurrentDomain.AssemblyLoad += static (_, load) => Note(load.LoadedAssembly.FullName);
        foreach (System.Reflection.Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            Note(assembly.FullName);
        }
    }

    /// <summary>True once the assembly is loaded.</summary>
    public static bool IsLoaded => s_isLoaded;

    /// <summary>
    /// Runs an action as soon as the assembly is loaded, before any code can use it; at once if it is already loaded.
    /// </summary>
    public static void WhenLoaded(Action act)
    {
        lock (s_lock)
        {
            if (!s_isLoaded)
            {
                s_whenLoaded += act;
                return;
            }
        }

        act();
    }

    private static void Note(string? name)
    {
        if (s_isLoaded || name?.StartsWith(Name, StringComparison.Ordinal) != true)
        {
            return;
        }

        Action? act;
        lock (s_lock)
        {
            s_isLoaded = true;
            act = s_whenLoaded;
            s_whenLoaded = null;
        }

        act?.Invoke();
    }
}
