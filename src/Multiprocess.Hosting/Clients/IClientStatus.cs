namespace Multiprocess.Hosting.Clients;

/// <summary>A client of any contract, as health checks see it.</summary>
internal interface IClientStatus
{
    string Name { get; }

    /// <summary>How many connections were opened so far.</summary>
    int Connections { get; }

    /// <summary>Connects, unless a connection exists. Makes no call.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}
