namespace Multiprocess.Hosting.Clients;

/// <summary>A client, whatever its contract, as health checks see it.</summary>
internal interface IClientStatus
{
    string Name { get; }

    /// <summary>How many connections were made so far.</summary>
    int Connections { get; }

    /// <summary>Connects, unless there is a connection. Makes no call.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}
