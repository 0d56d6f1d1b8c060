using Bitcoin.Gui;

namespace Bitcoin.GuiWeb.Model;

/// <summary>
/// Asks the user for network and directory before the first start. Several windows may show the question. Thread-safe.
/// </summary>
/// <param name="proposed">The choice of a user who changes nothing.</param>
/// <param name="accept">Stores a choice; returns what is wrong with it, or null.</param>
internal sealed class StartQuestion(StartChoice proposed, Func<StartChoice, string?> accept)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    internal StartChoice Proposed => proposed;

    /// <summary>Answers. The first accepted answer counts, and later ones change nothing.</summary>
    /// <returns>What is wrong with the answer, for the user; null if it counts.</returns>
    internal string? Answer(StartChoice choice)
    {
        lock (_gate)
        {
            string? error = _answered.Task.IsCompleted ? null : accept(choice);
            if (error is null)
            {
                _answered.TrySetResult();
            }

            return error;
        }
    }

    /// <summary>Waits until an answer was accepted.</summary>
    /// <returns>False when the program is asked to end before.</returns>
    internal bool Wait(CancellationToken stop)
    {
        try
        {
            _answered.Task.Wait(stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
