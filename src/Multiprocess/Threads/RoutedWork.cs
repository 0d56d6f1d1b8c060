using System.Runtime.ExceptionServices;

namespace Multiprocess.Threads;

/// <summary>The work that routing leaves for after the gate is released: threads to wake and actions to run.</summary>
/// <remarks>Belongs to the thread that routes; emptied before the next batch.</remarks>
internal sealed class RoutedWork
{
    private readonly List<Parker> _toWake = [];
    private readonly List<Action> _acts = [];

    public void Wake(Parker? parker)
    {
        if (parker is not null)
        {
            _toWake.Add(parker);
        }
    }

    /// <summary>Adds an action that neither waits nor runs user code.</summary>
    public void Then(Action act) => _acts.Add(act);

    /// <summary>Runs the collected work, outside the gate. An action that fails does not stop the others.</summary>
    /// <exception cref="Exception">The exception of the first action that failed.</exception>
    public void Run()
    {
        foreach (Parker parker in _toWake)
        {
            parker.Unpark();
        }

        _toWake.Clear();
        if (_acts.Count > 0)
        {
            Action[] acts = [.. _acts];
            _acts.Clear();
            Exception? first = null;
            foreach (Action act in acts)
            {
                try
                {
                    act();
                }
                catch (Exception exception)
                {
                    first ??= exception;
                }
            }

            if (first is not null)
            {
                ExceptionDispatchInfo.Throw(first);
            }
        }
    }
}
