using System.Runtime.ExceptionServices;

namespace Multiprocess.Threads;

/// <summary>What routing found to do once the gate is free: threads to wake and acts to carry out.</summary>
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

    /// <summary>Adds an act that neither waits nor runs user code.</summary>
    public void Then(Action act) => _acts.Add(act);

    /// <summary>Does what was collected. Outside the gate. An act that fails keeps no other from being done.</summary>
    /// <exception cref="Exception">What the first act that failed has thrown.</exception>
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
