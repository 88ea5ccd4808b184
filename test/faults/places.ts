/** Addresses of the replicas that are up: lists that change in place, which the crew reads at each request. */
import type { Replica } from '../e2e/process.ts';

export class Places {
  readonly urls: string[] = [];
  readonly wsUrls: string[] = [];
  readonly replicas: Replica[] = [];

  add(replica: Replica): void {
    this.replicas.push(replica);
    this.urls.push(replica.url);
    this.wsUrls.push(replica.wsUrl);
  }

  remove(replica: Replica): void {
    const at = this.replicas.indexOf(replica);
    if (at === -1) return;
    for (const list of [this.replicas, this.urls, this.wsUrls]) list.splice(at, 1);
  }
}
